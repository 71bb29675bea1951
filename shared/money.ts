/**
 * Money is counted in micro-PICTOR (1 PICTOR = 1,000,000 micro): a JSON integer in documents, a bigint in code,
 * a decimal string in totals. Never a float.
 */
export const microPerPictor = 1_000_000n

/** The checker share of the network, in basis points (1000 = 10 %). */
export const networkFeeBasisPoints = 1_000

/** Reads an amount from a document. Throws RangeError for anything that is not a safe integer. */
export function microFromDocument(value: number): bigint {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a whole number of micro-PICTOR: ${value}`)
  return BigInt(value)
}

/** Writes an amount into a document. Throws RangeError beyond 2^53-1. */
export function microToDocument(amount: bigint): number {
  const value = Number(amount)
  if (!Number.isSafeInteger(value)) throw new RangeError(`too large for a document: ${amount}`)
  return value
}

export interface Split {
  grossMicro: bigint
  feeMicro: bigint
  netMicro: bigint
}

/** The fee rounds down (towards the worker); net = gross − fee always holds. */
export function splitFee(grossMicro: bigint, feeBasisPoints: number): Split {
  if (grossMicro < 0n) throw new RangeError('gross must not be negative')
  if (!Number.isInteger(feeBasisPoints) || feeBasisPoints < 0 || feeBasisPoints > 10_000)
    throw new RangeError('fee must be 0 to 10000 basis points')
  const feeMicro = (grossMicro * BigInt(feeBasisPoints)) / 10_000n
  return { grossMicro, feeMicro, netMicro: grossMicro - feeMicro }
}

/** Shows an amount as PICTOR with exactly six decimals cut to `decimals` (rounded down): "12.3456". */
export function formatMicro(amount: bigint, decimals = 4): string {
  const negative = amount < 0n
  const absolute = negative ? -amount : amount
  const whole = absolute / microPerPictor
  const fraction = (absolute % microPerPictor).toString().padStart(6, '0').slice(0, decimals)
  return `${negative ? '-' : ''}${whole}${decimals > 0 ? `.${fraction}` : ''}`
}
