import type { CollectionName } from '#shared/collections/collections.ts'
import type { JsonObject } from '#shared/json.ts'
import { archiveCutoff, retention } from '#shared/rules/retention.ts'
import { unsettledAmong } from '../acceptance/attemptProjector.ts'
import { archiveJobs, type ArchiveParts } from './archiveJobs.ts'
import { createArchiveReader } from './archiveReader.ts'
import { createPutAway, type Old } from './putAway.ts'

/** A run handles this many documents at most, and looks at ten times as many that are not over yet. */
const runDocuments = 2_000
const pageRows = 500
const looksFor = 10

/** Those that are put away by themselves; jobs go with all that belongs to them. */
const byThemselves: readonly CollectionName[] = ['notices', 'runs', 'tasks']

/**
 * One run of putting old documents away: at most `documents` of them, of all owners. Cut off anywhere, the next run goes on: what stands in the
 * archive is not written again, and only what stands there is removed. Returns whether there may be more.
 * Rejects with SERVER_STORE_UNREACHABLE.
 */
export async function archiveOnce(
  given: Pick<ArchiveParts, 'store' | 'projection' | 'nowMs'>,
  documents = runDocuments,
): Promise<{ archived: number; more: boolean }> {
  const budget = { left: documents }
  const parts: ArchiveParts = {
    ...given,
    budget,
    reader: createArchiveReader(given.store, given.projection.database),
    putAway: createPutAway(given),
  }
  // What other gateways put away is known here before anything is put away again.
  await given.store.open({ ownerId: null, collection: 'archive' })
  for (const ownerId of await given.store.owners()) {
    for (const collection of byThemselves) await archiveCollection(parts, ownerId, collection)
    if (budget.left > 0) await archiveJobs(parts, ownerId)
    if (budget.left <= 0) break
  }
  return { archived: documents - budget.left, more: budget.left <= 0 }
}

async function archiveCollection(parts: ArchiveParts, ownerId: string, collection: CollectionName): Promise<void> {
  const { store, projection, putAway, budget } = parts
  const rule = retention[collection]
  if (typeof rule === 'string' || budget.left <= 0) return
  const database = await store.open({ ownerId, collection })
  const cutoff = archiveCutoff(parts.nowMs)
  let looks = budget.left * looksFor
  for (let after = { at: 0, id: '' }; budget.left > 0 && looks > 0;) {
    const limit = Math.min(pageRows, budget.left)
    const page = projection.oldestPage(database, after, cutoff, limit)
    looks -= page.length
    const unsettled = unsettledAmong(
      projection.database,
      page.map(({ id }) => id),
    )
    const old = page.flatMap(({ id, rev, body }): Old[] => {
      const overAt = rule.overAt(JSON.parse(body) as JsonObject)
      return overAt === null || overAt >= cutoff || unsettled.has(id) ? [] : [{ id, rev, body, overAt }]
    })
    if (old.length > 0) {
      await putAway.keep(database, old)
      budget.left -= (await putAway.remove(database, old)).length
    }
    const last = page.at(-1)
    if (last === undefined || page.length < limit) return
    after = { at: last.at, id: last.id }
  }
}
