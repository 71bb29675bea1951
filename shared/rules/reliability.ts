/**
 * How reliable a worker is: the share of its tasks of the last days that came to their end, 0..1. What dispatch goes by and what the dashboard
 * shows are both this.
 *
 *   reliability = (completed + 9) / (completed + at fault + 10)
 *
 * So a new worker begins at 90 %, and one bad evening costs a worker with a long record little. At fault: a lease that ended, a failure of the
 * worker's own. Not counted: tasks that were given back or cancelled, frames another copy brought first, scenes that nobody could render.
 */
export const reliabilityDays = 14
const goodStart = 9
const startTasks = 10

export interface TaskOutcomes {
  completed: number
  atFault: number
}

export const reliabilityOf = ({ completed, atFault }: TaskOutcomes): number => (completed + goodStart) / (completed + atFault + startTasks)

/** The first day (YYYY-MM-DD, UTC) that still counts. */
export const reliableSince = (nowMs: number): string => new Date(nowMs - (reliabilityDays - 1) * 86_400_000).toISOString().slice(0, 10)
