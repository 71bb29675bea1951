/** Micro-PICTOR as text → PICTOR with at most four digits behind the point, never rounded up. */
export function formatMicro(micro: string): string {
  const value = BigInt(micro)
  const sign = value < 0n ? '-' : ''
  const size = value < 0n ? -value : value
  const digits = (size % 1_000_000n).toString().padStart(6, '0').slice(0, 4).replace(/0+$/, '').padEnd(2, '0')
  return `${sign}${size / 1_000_000n}.${digits}`
}
