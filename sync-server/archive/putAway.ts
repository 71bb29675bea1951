import type { ProjectedDatabase, ProjectionStore } from '../projection/projection.ts'
import type { CouchDocumentStore } from '../store/couchDocumentStore.ts'
import { archivedRows } from './archiveProjector.ts'
import { digestOf, monthOf, segmentsOf, type Segment } from './segment.ts'

export interface Old {
  id: string
  rev: string
  body: string
  /** When it was over: the month it is kept under. */
  overAt: number
}

/**
 * The two steps of putting documents away, each of which may be repeated, and be the last before a crash:
 * `keep` makes them stand in the archive (acknowledged means on disk; what stands there in this very version is left alone), and only then
 * `remove` takes them out of the live store, unless they changed meanwhile.
 */
export function createPutAway({ store, projection }: { store: CouchDocumentStore; projection: ProjectionStore }) {
  /** Returns how many were written. */
  async function keep({ key }: ProjectedDatabase, rows: readonly Old[]): Promise<number> {
    const ids = rows.map(({ id }) => id)
    const standing = new Map(archivedRows(projection.database, key.ownerId, key.collection, ids).map(({ id, digest }) => [id, digest]))
    const missing = rows.filter(({ id, body }) => standing.get(id) !== digestOf(body))
    const byMonth = Map.groupBy(missing, ({ overAt }) => monthOf(overAt))
    const segments = [...byMonth].flatMap(([month, old]) =>
      segmentsOf(
        key.ownerId,
        key.collection,
        month,
        old.map(({ body }) => body),
      ),
    )
    // One that stands already is the same one: its id is made of what is in it.
    if (segments.length > 0)
      await store.writePrivate<Segment>(
        'archive',
        segments.map((document) => ({ document, rev: null })),
      )
    return missing.length
  }

  /** Returns the ids that went. */
  const remove = (database: ProjectedDatabase, rows: readonly Old[]): Promise<string[]> =>
    store.remove(
      database.key,
      rows.map(({ id, rev }) => ({ id, rev })),
    )

  return { keep, remove }
}
