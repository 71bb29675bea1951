import type { CollectionName } from '../collections/collections.ts'
import type { JobState } from '../collections/job.schema.ts'
import type { Run } from '../collections/run.schema.ts'
import { durations } from '../durations.ts'
import type { JsonObject } from '../json.ts'
import { isJobSettled } from './jobProgress.ts'
import { isEnded, runMoves } from './runState.ts'

/** A collection whose documents are put away when they are old. */
interface Retention {
  /** When nothing more could happen to it, in server time; null: it still goes on. */
  overAt(document: JsonObject): number | null
}

/** A state that only a newer version knows is none of them, so what has it is left alone. */
const runEnds: readonly unknown[] = Object.keys(runMoves).filter((state) => isEnded(state as Run['state']))

const numberIn = (document: JsonObject, ...fields: string[]): number | null => {
  for (const field of fields) if (typeof document[field] === 'number') return document[field]
  return null
}

/**
 * What of each collection is put away: by the server into its archive, by everybody else out of the local database. `kept`: never, and why:
 *  - earnings: the ledger is what people are paid by; an entry's state changes long after its day, and its sums must stay exact.
 *  - rollups: totals and charts read them instead of what they sum up, for as far back as somebody looks.
 *  - workers, nodes, presence, profile: one a computer or owner. Also of deleted ones, because the ledger names them.
 * A job goes together with its state and its chunks, when its state is over.
 */
export const retention: { readonly [Name in CollectionName]: Retention | 'kept' | 'withState' } = {
  tasks: { overAt: (task) => (task['state'] === 'closed' ? numberIn(task, 'closedAt', 'updatedAt') : null) },
  runs: {
    overAt: (run) => (runEnds.includes(run['state']) ? numberIn(run, 'finishedAt', 'updatedAt') : null),
  },
  notices: { overAt: (notice) => numberIn(notice, 'at') },
  jobStates: {
    overAt: (state) => (isJobSettled(state['state'] as JobState['state']) ? numberIn(state, 'finishedAt', 'updatedAt') : null),
  },
  jobs: 'withState',
  earnings: 'kept',
  rollups: 'kept',
  workers: 'kept',
  nodes: 'kept',
  presence: 'kept',
  profile: 'kept',
}

/**
 * What was over before this is old: the first moment of the month in which `archiveAfterMs` ago lies (UTC), so that months are put away whole.
 */
export function archiveCutoff(nowMs: number): number {
  const then = new Date(nowMs - durations.archiveAfterMs)
  return Date.UTC(then.getUTCFullYear(), then.getUTCMonth())
}

/** Can nothing more happen to it? Of a job only its state can tell. */
export function isOver(collection: CollectionName, document: JsonObject): boolean {
  const rule = retention[collection]
  return typeof rule !== 'string' && rule.overAt(document) !== null
}

/** Is the document old? Of a job only its state can tell. */
export function isOld(collection: CollectionName, document: JsonObject, nowMs: number): boolean {
  const rule = retention[collection]
  if (typeof rule === 'string') return false
  const overAt = rule.overAt(document)
  return overAt !== null && overAt < archiveCutoff(nowMs)
}
