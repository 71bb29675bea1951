/** Reads an amount of PICTOR that a person typed, with a point or a comma, into micro-PICTOR; null when it is none. */
export function readBid(typed: string): number | null {
  const match = /^(\d{1,9})(?:[.,](\d{1,6}))?$/.exec(typed.trim())
  if (!match) return null
  const micro = Number(match[1]) * 1_000_000 + Number((match[2] ?? '').padEnd(6, '0'))
  return Number.isSafeInteger(micro) ? micro : null
}
