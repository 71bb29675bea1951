import type { RxCollection } from 'rxdb'
import { asAppError } from './storeErrors.ts'

/**
 * Writes a document, whether it was there or not. Rejects with AppErrorException DISK_FULL (or STORE_…) when it could not be saved; the
 * same document can be put again later. RxDB's own `incrementalUpsert` cannot do that: it queues by id, and after one failed write every
 * later one of that id fails with the first one's error (17.6.0).
 */
export async function putDocument<Document extends { id: string }>(collection: RxCollection<Document>, document: Document): Promise<void> {
  try {
    if (await replace(collection, document)) return
    try {
      await collection.insert(document)
    } catch (error) {
      // Somebody inserted it between our look and our write.
      if (!isConflict(error) || !(await replace(collection, document))) throw error
    }
  } catch (error) {
    throw asAppError(error)
  }
}

/** False: there is no such document. */
async function replace<Document extends { id: string }>(collection: RxCollection<Document>, document: Document): Promise<boolean> {
  const found = await collection.findOne(document.id).exec()
  if (found === null) return false
  await found.incrementalModify(() => ({ ...document }))
  return true
}

const isConflict = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'CONFLICT'
