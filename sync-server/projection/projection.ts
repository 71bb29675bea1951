import type { DatabaseSync } from 'node:sqlite'
import type { Projector } from './projector.ts'

/** The gateway's SQLite file: deletable, fed by own writes and the change feeds. What services may use of it. */
export interface Projection {
  /** For reading, and for a projector's own tables. Synchronous; keep statements short. */
  readonly database: DatabaseSync
  /** Makes the projector's tables, replays the documents that stand when it is new or of a higher version. Call it before `start`. */
  registerProjector(projector: Projector): void
}
