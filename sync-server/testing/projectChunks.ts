import type { DatabaseSync } from 'node:sqlite'
import type { Chunk } from '../jobs/chunk.ts'
import type { Projector } from '../projection/projector.ts'

/** Tells a projector of chunks that are new, as the projection does when they are written. Its tables must be there. */
export function projectChunks(projector: Projector, database: DatabaseSync, chunks: Iterable<Chunk>): void {
  for (const chunk of chunks)
    projector.onChange(database, {
      ownerId: null,
      collection: 'chunks',
      id: chunk.id,
      document: chunk,
      previous: () => null,
      stands: () => false,
    })
}
