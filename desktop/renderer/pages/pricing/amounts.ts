/** An amount that a person typed, with a point or a comma, in millionths; null when it is none. */
export function readAmount(typed: string): number | null {
  const match = /^(\d{1,9})(?:[.,](\d{1,6}))?$/.exec(typed.trim())
  if (!match) return null
  return Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(6, '0'))
}

/** Millionths as a person would type them. */
export const amountText = (micro: number): string => {
  const fraction = String(micro % 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '')
  return `${Math.floor(micro / 1_000_000)}${fraction === '' ? '' : `.${fraction}`}`
}
