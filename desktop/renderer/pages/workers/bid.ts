import { isBid } from '#shared/rules/bids.ts'
import { readAmount } from '../pricing/amounts.ts'

/** Reads a bid in PICTOR for a work unit as a person types it, into micro-PICTOR; null when it is none, or out of bounds. */
export function readBid(typed: string): number | null {
  const micro = readAmount(typed)
  return micro !== null && isBid(micro) ? micro : null
}
