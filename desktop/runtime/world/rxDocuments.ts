import type { RxCollection } from 'rxdb'
import type { JsonObject } from '#shared/json.ts'
import { onWritten } from '../database/onWritten.ts'
import { putDocument } from '../database/putDocument.ts'
import type { Documents } from '../tasks/ports.ts'

/** A collection as the node's parts see it. Times of theirs are the node's; RxDB's own fields stay out. */
export function rxDocuments<Document extends { id: string }>(collection: RxCollection<Document>): Documents<Document> {
  return {
    async inStates(states) {
      // Safe: every collection that has states has an index on state and createdAt.
      const query = { selector: { state: { $in: [...states] } }, sort: [{ state: 'asc' }, { createdAt: 'asc' }] } as never
      const found = await collection.find(query).exec()
      return found.map((document) => plain<Document>(document.toMutableJSON(false)))
    },
    async get(id) {
      const found = await collection.findOne(id).exec()
      return found === null ? null : plain<Document>(found.toMutableJSON(false))
    },
    put: (document) => putDocument(collection, document),
    onChange(listener) {
      return onWritten(collection, (document) => listener(withoutMeta<Document>(document as unknown as JsonObject)))
    },
  }
}

const plain = <Document>(document: unknown): Document => document as Document

function withoutMeta<Document>({ _meta, _rev, _attachments, _deleted, ...document }: JsonObject): Document {
  return document as Document
}
