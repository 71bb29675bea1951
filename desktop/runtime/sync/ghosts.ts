import type { RxCollection } from 'rxdb'
import type { WireDocument } from '#shared/sync/protocol.ts'

const removeBatch = 500

/**
 * After a restore the server has forgotten what came after its backup. Documents of others that it does not have any more would stay here
 * for ever: what a pull from the beginning did not bring is forgotten here too. What this client writes itself is not touched.
 */
export function createGhosts(rxCollection: RxCollection<WireDocument>, isMine: (document: WireDocument) => boolean) {
  const seen = new Set<string>()
  let isWhole = true
  return {
    onPulled: (documents: readonly WireDocument[], fromStart: boolean): void => {
      if (!fromStart) isWhole = false
      for (const document of documents) seen.add(document.id)
    },
    /** Call it when the first pull is through. Returns how many were forgotten. */
    async remove(): Promise<number> {
      if (!isWhole) return 0
      const all = await rxCollection.find().exec()
      const gone = all
        .filter((document) => !seen.has(document.primary) && !isMine(document.toMutableJSON()))
        .map((document) => document.primary)
      for (let from = 0; from < gone.length; from += removeBatch) await rxCollection.bulkRemove(gone.slice(from, from + removeBatch))
      return gone.length
    },
  }
}
