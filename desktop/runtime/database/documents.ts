import type { Documents as DocumentsByName } from '#shared/collections/collections.ts'
import type { RxCollection } from 'rxdb'
import type { RuntimeCollections } from './openDatabase.ts'
import { onWritten } from './onWritten.ts'
import { putDocument } from './putDocument.ts'

/** A plain view of one collection for the runtime's parts: documents in, documents out. A write that was acknowledged is on disk. */
export interface CollectionView<Document extends { id: string }> {
  /** Documents whose `state` is one of these, oldest first. */
  inStates: (states: readonly string[]) => Promise<Document[]>
  get: (id: string) => Promise<Document | null>
  all: () => Promise<Document[]>
  /** Rejects with AppErrorException DISK_FULL (or STORE_*) when it could not be saved. */
  put: (document: Document) => Promise<void>
  /** Forgets documents on this computer; peers keep theirs. */
  evict: (ids: string[]) => Promise<void>
  /** Every change, also those that came from the server or a window. Returns its own unsubscribe. */
  onChange: (listener: (document: Document) => void) => () => void
}

export function viewOf<Name extends keyof RuntimeCollections>(
  collections: RuntimeCollections,
  name: Name,
): CollectionView<DocumentsByName[Name]> {
  type Document = DocumentsByName[Name]
  // Safe: the collection of a name holds documents of that name's type; TypeScript cannot follow it through the generic name.
  const collection = collections[name] as unknown as RxCollection<{ id: string; state?: string; createdAt?: number }>
  const asDocument = (value: object) => value as Document
  return {
    async inStates(states) {
      const found = await collection.find({ selector: { state: { $in: [...states] } }, sort: [{ createdAt: 'asc' }, { id: 'asc' }] }).exec()
      return found.map((document) => asDocument(document.toMutableJSON()))
    },
    async get(id) {
      const found = await collection.findOne(id).exec()
      return found === null ? null : asDocument(found.toMutableJSON())
    },
    async all() {
      return (await collection.find().exec()).map((document) => asDocument(document.toMutableJSON()))
    },
    async put(document) {
      await putDocument(collection, document)
    },
    async evict(ids) {
      const result = await collection.bulkRemove(ids)
      const failed = result.error[0]
      if (failed !== undefined && failed.status !== 409) throw new Error(`could not forget ${failed.documentId}: status ${failed.status}`)
    },
    onChange(listener) {
      return onWritten(collection, (document) => listener(asDocument(document)))
    },
  }
}
