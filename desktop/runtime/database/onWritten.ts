import type { RxCollection } from 'rxdb'

/**
 * Tells of each document that is written into a collection, with RxDB's own fields; of removals it says nothing. Returns its own unsubscribe.
 *
 * Not by `collection.$`: RxDB (17.6.0) puts every event that passes there into a map it never empties (`EVENT_BULK_CACHE` in rx-change-event.js),
 * so that a process which listens for months would hold every version of every document.
 */
export function onWritten<Document>(collection: RxCollection<Document>, listener: (document: Document) => void): () => void {
  const subscription = collection.eventBulks$.subscribe(({ events, isLocal }) => {
    if (isLocal) return
    // Safe: the events of a collection are of its documents; RxDB's type leaves it open.
    for (const { operation, documentData } of events) if (operation !== 'DELETE') listener(documentData as Document)
  })
  return () => subscription.unsubscribe()
}
