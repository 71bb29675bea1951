/**
 * Who goes first when several nodes want the same work:
 *
 *   standing = reliability² × √(score / 1,000) × (average bid / bid)
 *
 * Reliability counts twice, because work that comes back costs everybody time; speed by its root, so that slow cards get work too; the bid in full, so
 * that asking half is worth as much as being four times as fast. For jobs of the node's own owner no money changes hands and the bid is left out.
 *
 * The better node is not waited for long: chunks that are not taken by those with a better standing within `headStartMs` go to whoever asks.
 */
export const headStartMs = 1_500

export interface Standing {
  /** 0..1 */
  reliability: number
  /** Bounded; see scoreBounds.ts. */
  score: number
  /** null: asks the average. */
  bidMicroPerUnit: number | null
}

export function standingOf({ reliability, score, bidMicroPerUnit }: Standing, averageMicroPerUnit: number, isOwnJob: boolean): number {
  const price = isOwnJob || bidMicroPerUnit === null ? 1 : averageMicroPerUnit / Math.max(1, bidMicroPerUnit)
  return reliability ** 2 * Math.sqrt(Math.max(1, score) / 1_000) * price
}

/** Must a node leave this to others for the moment? @param betterWaiting nodes of a better standing that were just told @param chunks that fit them */
export const mustWait = (betterWaiting: number, chunks: number): boolean => betterWaiting > 0 && chunks <= betterWaiting
