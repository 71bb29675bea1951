import type { Earning } from '../collections/earning.schema.ts'

/** Sums over ledger entries, in bigint: they may be beyond what a double holds. */
export interface LedgerTotals {
  /** All entries, reversed ones too. */
  count: number
  frames: number
  grossMicro: bigint
  feeMicro: bigint
  netMicro: bigint
  /** Net by what will become of it; own jobs are never in any of them. */
  pendingMicro: bigint
  finalMicro: bigint
  selfRenderMicro: bigint
}

/** Entries of one world and state, already added up. */
export interface LedgerPart {
  isSelfRender: boolean
  state: Earning['state']
  count: number
  frames: number
  grossMicro: bigint
  feeMicro: bigint
  netMicro: bigint
}

export const noLedgerTotals = (): LedgerTotals => ({
  ...{ count: 0, frames: 0, grossMicro: 0n, feeMicro: 0n, netMicro: 0n },
  ...{ pendingMicro: 0n, finalMicro: 0n, selfRenderMicro: 0n },
})

/** Whether an entry is about one's own job. A correction says which of the two worlds it belongs to. */
export const isSelfRender = (entry: Earning): boolean =>
  entry.kind === 'selfRender' || (entry.kind === 'correction' && entry['ledgerKind'] === 'selfRender')

export const partOfEntry = (entry: Earning): LedgerPart => ({
  ...{ isSelfRender: isSelfRender(entry), state: entry.state, count: 1, frames: entry.frames },
  ...{ grossMicro: BigInt(entry.grossMicro), feeMicro: BigInt(entry.feeMicro), netMicro: BigInt(entry.netMicro) },
})

/** Gross, fee and net count the network's entries; what was rendered for oneself stands apart. A reversed entry counts nothing. */
export function addToTotals(totals: LedgerTotals, part: LedgerPart): void {
  totals.count += part.count
  if (part.state === 'reversed') return
  totals.frames += part.frames
  if (part.isSelfRender) {
    totals.selfRenderMicro += part.netMicro
    return
  }
  totals.grossMicro += part.grossMicro
  totals.feeMicro += part.feeMicro
  totals.netMicro += part.netMicro
  if (part.state === 'pending') totals.pendingMicro += part.netMicro
  else totals.finalMicro += part.netMicro
}

/** Most earned first, then most rendered for oneself. */
export function compareTotals(a: LedgerTotals, b: LedgerTotals): number {
  return compare(b.netMicro, a.netMicro) || compare(b.selfRenderMicro, a.selfRenderMicro)
}
const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)
