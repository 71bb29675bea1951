/**
 * What a frame really takes, measured by others. The settings say how many pixels and samples a frame has, not how heavy its scene is; accepted frames
 * of a job tell. A render time counts together with the bounded bench score of the node it comes from:
 *
 *   milli-units = min(render time claimed, time since it was given out) in ms × bounded score / 1,000
 *
 * No node is asked about its own pay: what a frame pays one owner is measured by others only, and not by who pays either. Of each other owner the
 * middle one of its frames counts, however many nodes and frames it has, and of those the smallest, from at least two. So a claimed time or score
 * raises nobody's pay as long as one of the others is honest; and the price never falls below what the settings say, so it lowers nobody's.
 */
const ownersNeeded = 2
/** However heavy a scene turns out, a frame costs at most this many times what its settings say. */
export const heaviestFactor = 4

/** Milli-units that one frame took. @param renderMs what the node claims @param withinMs what the server saw pass: it cannot have taken longer */
export const measuredMilliUnits = (renderMs: number, withinMs: number, boundedScore: number): number =>
  Math.max(1, Math.round((Math.max(0, Math.min(renderMs, withinMs)) * boundedScore) / 1_000))

/** The middle measure of one owner's frames of a job. */
export interface OwnersMeasure {
  ownerId: string
  milliUnits: number
}

/**
 * The milli-units that a frame is priced at. @param said by its settings @param measures one for each owner with accepted frames of the job
 */
export function pricedMilliUnits(said: number, measures: readonly OwnersMeasure[], paidOwnerId: string, jobOwnerId: string): number {
  const others = measures.filter(({ ownerId }) => ownerId !== paidOwnerId && ownerId !== jobOwnerId)
  if (others.length < ownersNeeded) return said
  const measured = Math.min(...others.map(({ milliUnits }) => milliUnits))
  return Math.round(Math.min(said * heaviestFactor, Math.max(said, measured)))
}
