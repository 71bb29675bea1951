import { getChangedDocumentsSince, type RxDocumentData, type RxStorageInstance } from 'rxdb'
import { collectionNames, type CollectionName } from '#shared/collections/collections.ts'
import { AppErrorException } from '#shared/errors/appError.ts'
import { documentVisible, type Who } from '#shared/rules/access.ts'
import { approximateSize } from '#shared/sync/approximateSize.ts'
import { decidePush } from '#shared/sync/decidePush.ts'
import {
  limits,
  type Checkpoint,
  type EventMessage,
  type PullReply,
  type PushPayload,
  type PushReply,
  type WireDocument,
} from '#shared/sync/protocol.ts'
import type { RuntimeDatabase } from '../database/openDatabase.ts'
import { asAppError } from '../database/storeErrors.ts'

type Stored = RxDocumentData<WireDocument>
type Instance = RxStorageInstance<WireDocument, unknown, unknown, Checkpoint>

const pageBytes = limits.messageBytes / 4
const writeContext = 'window-push'

/** The runtime's documents as its windows pull and push them, below RxDB's queries: in the storage's own order of changes. */
export function createWindowDocuments(database: RuntimeDatabase, now: () => number) {
  // Safe: documents are handed through as JSON, whatever their type.
  const instanceOf = (name: CollectionName) => database.collections[name].storageInstance as unknown as Instance

  async function pull(who: Who, collection: CollectionName, checkpoint: Checkpoint | null, limit: number): Promise<PullReply> {
    const page = await getChangedDocumentsSince(instanceOf(collection), limit, checkpoint ?? undefined)
    const documents: WireDocument[] = []
    let bytes = 0
    let taken = 0
    let last: Stored | undefined
    for (const stored of page.documents) {
      const document = toWire(stored)
      if (documentVisible(who, collection, document)) {
        bytes += approximateSize(document)
        if (bytes > pageBytes && documents.length > 0) break
        documents.push(document)
      }
      last = stored
      taken += 1
    }
    // `more` also when rows were hidden: a page that is only shorter for that is not the end.
    const more = taken < page.documents.length || (documents.length < limit && page.documents.length === limit)
    const next = last === undefined ? checkpoint : taken === page.documents.length ? page.checkpoint : { id: last.id, lwt: last._meta.lwt }
    return { documents, checkpoint: next, ...(more ? { more: true } : {}) }
  }

  async function push(who: Who, collection: CollectionName, payload: PushPayload): Promise<PushReply> {
    const instance = instanceOf(collection)
    const reply: PushReply = { conflicts: [], refusals: [] }
    // A later row of the same document replaces an earlier one.
    const rows = new Map(payload.rows.map((row) => [row.document.id, row]))
    const stored = new Map((await instance.findDocumentsById([...rows.keys()], true)).map((document) => [document.id, document]))
    const writes: { previous?: Stored; document: Stored }[] = []
    for (const row of rows.values()) {
      const previous = stored.get(row.document.id)
      const current = previous === undefined || previous._deleted ? null : toWire(previous)
      const decision = decidePush(who, collection, row, current, { reclaim: payload.reclaim === true, serverNowMs: now() })
      if (decision.kind === 'conflict') reply.conflicts.push(decision.current)
      else if (decision.kind === 'refuse') reply.refusals.push(decision.refusal)
      else if (decision.kind === 'write') writes.push(rowOf(decision.document, previous))
    }
    if (writes.length === 0) return reply
    const result = await instance.bulkWrite(writes, writeContext)
    for (const error of result.error) {
      const inDatabase = 'documentInDb' in error ? error.documentInDb : undefined
      if (error.status === 409 && inDatabase !== undefined) reply.conflicts.push(toWire(inDatabase))
      else throw new Error(`could not write ${error.documentId}: status ${error.status}`)
    }
    return reply
  }

  function subscribe(who: Who, emit: (event: EventMessage) => void): () => void {
    const subscriptions = collectionNames.map((collection) =>
      instanceOf(collection)
        .changeStream()
        .subscribe((bulk) => {
          const documents = bulk.events
            .map((event) => toWire(event.documentData))
            .filter((document) => documentVisible(who, collection, document))
          if (documents.length === 0) return
          if (approximateSize(documents) > pageBytes) emit({ event: 'resync', collection })
          else emit({ event: 'changed', collection, documents, checkpoint: bulk.checkpoint })
        }),
    )
    return () => {
      for (const subscription of subscriptions) subscription.unsubscribe()
    }
  }

  const guarded = <Arguments extends unknown[], Value>(work: (...values: Arguments) => Promise<Value>) =>
    async function (...values: Arguments): Promise<Value> {
      try {
        return await work(...values)
      } catch (thrown) {
        const error = asAppError(thrown)
        throw error instanceof AppErrorException ? error : thrown
      }
    }
  return { pull: guarded(pull), push: guarded(push), subscribe }
}

/** Without RxDB's own fields; `_deleted` only where the document was forgotten here. */
function toWire(stored: Stored): WireDocument {
  const { _meta, _rev, _attachments, _deleted, ...document } = stored
  // Safe: what is left is the JSON document.
  const wire = document
  return _deleted ? { ...wire, _deleted: true } : wire
}

function rowOf(document: WireDocument, previous: Stored | undefined): { previous?: Stored; document: Stored } {
  // RxDB's wrapped storage puts revision and time of writing in.
  const meta = { _deleted: false, _attachments: {}, _meta: { lwt: 1 }, _rev: '' }
  // Safe: `_deleted` is given above and nothing else of RxDB's is in a wire document.
  const stored = { ...document, ...meta, ...(previous === undefined ? {} : { _meta: previous._meta }) } as unknown as Stored
  return previous === undefined ? { document: stored } : { previous, document: stored }
}
