import type { Earning } from '../collections/earning.schema.ts'
import { durations } from '../durations.ts'
import type { ErrorTraits } from '../errors/codes.ts'
import { microFromDocument, microToDocument, splitFee } from '../money.ts'

export type LedgerKind = 'network' | 'selfRender'

/** Frames of one's own jobs on one's own nodes are `selfRender`, never mixed with what the network pays. */
export const ledgerKindOf = (jobOwnerId: string, nodeOwnerId: string): LedgerKind => (jobOwnerId === nodeOwnerId ? 'selfRender' : 'network')

/**
 * An entry of one's own work is final at once: nothing is owed. A network entry is pending until the network has paid it out
 * (or reversed it with an entry of its own); this gateway only ever moves it forward: pending → final → paid.
 */
export const firstLedgerState = (kind: LedgerKind): 'final' | 'pending' => (kind === 'selfRender' ? 'final' : 'pending')

/** When a pending entry becomes final, unless the network reverses it before. */
export const finalAt = ({ createdAt }: Pick<Earning, 'createdAt'>): number => createdAt + durations.networkFinalAfterMs

export interface Payment {
  frames: number
  grossMicro: number
  feeMicro: number
  netMicro: number
}

/** What accepted frames are worth. All amounts are whole micro-PICTOR; the fee rounds down; net = gross − fee. */
export function paymentFor(frames: number, microPerFrame: number, feeBasisPoints: number): Payment {
  const split = splitFee(microFromDocument(microPerFrame) * BigInt(frames), feeBasisPoints)
  return {
    frames,
    grossMicro: microToDocument(split.grossMicro),
    feeMicro: microToDocument(split.feeMicro),
    netMicro: microToDocument(split.netMicro),
  }
}

/**
 * How many failed tries give a frame up. What the scene itself cannot do is believed at once from the creator's own node, and
 * from a second one otherwise, so that no single foreign node can end a job. Everything else gets three tries.
 */
export function failuresAllowed(traits: ErrorTraits, kind: LedgerKind): number {
  if (traits.fault === 'scene' && !traits.retry) return kind === 'selfRender' ? 1 : 2
  return 3
}

/** For how long a node that failed a chunk is passed over for it (others go first; a farm of one node tries again by itself). */
export function avoidForMs(traits: ErrorTraits, failuresOfThisNode: number): number {
  const firstMs = traits.retry ? 10_000 : 60_000
  return Math.min(firstMs * 2 ** Math.max(0, failuresOfThisNode - 1), 3_600_000)
}
