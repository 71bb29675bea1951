import type { DatabaseSync } from 'node:sqlite'
import type { JsonObject } from '#shared/json.ts'
import type { NewestBefore, PageSize } from '../projection/projection.ts'
import type { DocumentStore } from '../store/documentStore.ts'
import { archivedRows, newestArchived, type ArchivedRow } from './archiveProjector.ts'
import { bodiesIn, type Segment } from './segment.ts'

interface ArchivedDocument {
  id: string
  /** By the collection's own time, see shared/sync/windows.ts. */
  at: number | null
  body: string
}

/** Reads what was put away. `ownerId` null: of a private database. What stands in the store is newer than what is here. */
export interface ArchiveReader {
  /** Those of the ids that were put away; asks the index only. */
  among(ownerId: string | null, collection: string, ids: readonly string[]): ReadonlySet<string>
  /** Rejects with SERVER_STORE_UNREACHABLE. */
  getMany(ownerId: string | null, collection: string, ids: readonly string[]): Promise<ArchivedDocument[]>
  get<Document extends object = JsonObject>(ownerId: string | null, collection: string, id: string): Promise<Document | null>
  /** The newest before a place, newest first. */
  newestPage(ownerId: string, collection: string, before: NewestBefore, most: PageSize): Promise<ArchivedDocument[]>
}

/** Pages follow each other in time, and so do segments: few are open at once. */
const keptOpen = 6

export function createArchiveReader(store: Pick<DocumentStore, 'readPrivate'>, database: DatabaseSync): ArchiveReader {
  const opened = new Map<string, string[]>()

  async function open(segmentId: string): Promise<string[]> {
    const known = opened.get(segmentId)
    if (known !== undefined) return known
    const stored = await store.readPrivate<Segment>('archive', segmentId)
    const bodies = stored === null ? [] : bodiesIn(stored.document)
    if (opened.size >= keptOpen) opened.delete(opened.keys().next().value ?? '')
    opened.set(segmentId, bodies)
    return bodies
  }

  async function read(rows: ArchivedRow[], characters = Infinity): Promise<ArchivedDocument[]> {
    const found: ArchivedDocument[] = []
    let sum = 0
    for (const { id, at, segment, line } of rows) {
      const body = (await open(segment))[line]
      if (body !== undefined) found.push({ id, at, body })
      sum += body?.length ?? 0
      if (sum >= characters) break
    }
    return found
  }

  const getMany: ArchiveReader['getMany'] = (ownerId, collection, ids) =>
    // In the order of the segments, so that each is opened once.
    read(archivedRows(database, ownerId, collection, ids).toSorted((a, b) => (a.segment < b.segment ? -1 : 1)))
  return {
    among: (ownerId, collection, ids) => new Set(archivedRows(database, ownerId, collection, ids).map(({ id }) => id)),
    getMany,
    async get<Document extends object>(ownerId: string | null, collection: string, id: string) {
      const [found] = await getMany(ownerId, collection, [id])
      // Safe: the caller names the collection and so the type of what was put away from it.
      return found === undefined ? null : (JSON.parse(found.body) as Document)
    },
    newestPage: (ownerId, collection, before, most) =>
      read(newestArchived(database, ownerId, collection, before, most.rows), most.characters),
  }
}
