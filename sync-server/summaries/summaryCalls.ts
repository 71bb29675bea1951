import type { Documents } from '#shared/collections/collections.ts'
import type { JsonObject } from '#shared/json.ts'
import { ok } from '#shared/result.ts'
import type { CallHandlers, CallSession } from '../calls/callHandlers.ts'
import { ledgerSums } from '../ledger/ledgerProjector.ts'
import type { ProjectionStore } from '../projection/projection.ts'
import { nodeTotals } from '../rollups/nodeDayProjector.ts'
import type { CouchDocumentStore } from '../store/couchDocumentStore.ts'

/**
 * What a dashboard asks instead of holding every document: pages of older ones, and sums of what it does not hold.
 */
export function summaryCalls({ store, projection }: { store: CouchDocumentStore; projection: ProjectionStore }): CallHandlers {
  return {
    async 'documents.page'(session, { collection, ids, nodeId, jobId, before, limit }) {
      const database = await store.open({ ownerId: ownerOf(session), collection })
      if (ids !== undefined) {
        const found = projection.getMany(database, ids)
        return ok({ documents: [...found.values()].map(({ body }) => parse(body)), more: false })
      }
      const from = { beforeAt: before?.at ?? Number.MAX_SAFE_INTEGER, beforeId: before?.id ?? '~', nodeId, jobId }
      const rows = projection.newestPage(database, from, limit)
      return ok({ documents: rows.map(({ body }) => parse(body)), more: rows.length === limit })
    },
    async 'fleet.totals'(session, { fromDay, toDay }) {
      const ownerId = ownerOf(session)
      await store.catchUp(ownerId, 'rollups')
      return ok({ nodes: nodeTotals(projection.database, ownerId, fromDay, toDay) })
    },
    async 'earnings.totals'(session) {
      const ownerId = ownerOf(session)
      await store.catchUp(ownerId, 'earnings')
      return ok({ sums: ledgerSums(projection.database, ownerId) })
    },
  }
}

/** Safe: the registry lets only owners make these calls. */
const ownerOf = (session: CallSession): string => (session === 'operator' ? '' : session.ownerId)
const parse = (body: string): JsonObject & Pick<Documents['tasks'], 'id'> => JSON.parse(body) as JsonObject & { id: string }
