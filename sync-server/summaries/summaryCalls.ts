import type { Documents } from '#shared/collections/collections.ts'
import type { JsonObject } from '#shared/json.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok } from '#shared/result.ts'
import { documentVisible, mayPull } from '#shared/rules/access.ts'
import type { Session } from '#shared/sync/backend.ts'
import type { CallHandlers, CallSession } from '../calls/callHandlers.ts'
import type { ArchiveReader } from '../archive/archiveReader.ts'
import { groupOnWire, ledgerGroups, newestEntries, type LedgerGroup } from '../ledger/ledgerGroups.ts'
import { ledgerSums } from '../ledger/ledgerProjector.ts'
import { nextTurn } from '../projection/nextTurn.ts'
import { isFull, pageCharacters, type PlacedRow, type ProjectedDatabase, type ProjectionStore } from '../projection/projection.ts'
import { areBounds, fleetActivity } from '../rollups/fleetActivity.ts'
import { nodeTotals } from '../rollups/nodeDayProjector.ts'
import type { CouchDocumentStore } from '../store/couchDocumentStore.ts'
import { RawPage } from '../sync/rawReply.ts'

/** Jobs whose names are looked up in one turn of the event loop. */
const namesPerTurn = 500

/**
 * What a dashboard asks instead of holding every document: pages of older ones, and sums of what it does not hold.
 */
export function summaryCalls({
  store,
  projection,
  archive,
}: {
  store: CouchDocumentStore
  projection: ProjectionStore
  archive: ArchiveReader
}): CallHandlers {
  return {
    async 'documents.page'(caller, { collection, ids, nodeId, jobId, before, limit }) {
      const session = sessionOf(caller)
      if (!mayPull(session, collection)) return err(appError('NOT_ALLOWED'))
      const { ownerId } = session
      const database = await store.open({ ownerId, collection })
      if (ids !== undefined) {
        const standing = projection.getMany(database, ids)
        const missing = ids.filter((id) => !standing.has(id))
        const old = await archive.getMany(ownerId, collection, missing)
        const found = [...standing.values(), ...old].map(({ body }) => parse(body))
        return ok({ documents: found.filter((document) => documentVisible(session, collection, document)), more: false })
      }
      const place = { beforeAt: before?.at ?? Number.MAX_SAFE_INTEGER, beforeId: before?.id ?? '~' }
      const from = { ...place, nodeId: nodeSeenBy(session, nodeId), jobId }
      const most = { rows: limit, characters: pageCharacters }
      const standing = projection.newestPage(database, from, most)
      const old = await archive.newestPage(ownerId, collection, from, most)
      // Both are the newest of theirs, so the newest of all are among them. While it is being put away a document is in both.
      const inStore = projection.getMany(
        database,
        old.map(({ id }) => id),
      )
      const rows = [...standing, ...old.filter(({ id }) => !inStore.has(id))].sort(newestFirst)
      // Beyond the end of one of the two that was cut, the other has rows that may not be the next.
      const ends = [standing, old].filter((page) => isFull(page, most)).flatMap((page) => page.at(-1) ?? [])
      const taken = rows.filter((row) => ends.every((end) => newestFirst(row, end) <= 0)).slice(0, limit)
      return ok(
        new RawPage(
          taken.map(({ body }) => body),
          ends.length > 0 || taken.length < rows.length,
        ),
      )
    },
    async 'earnings.sums'(caller, { filter, by, zone }) {
      const session = sessionOf(caller)
      if (!isZone(zone)) return err(appError('REQUEST_INVALID', { reason: 'zone: not an IANA time zone' }))
      await store.catchUp(session.ownerId, 'earnings')
      const database = await store.open({ ownerId: session.ownerId, collection: 'earnings' })
      const seen = { ...filter, nodeId: nodeSeenBy(session, filter.nodeId) }
      const { groups, more } = await ledgerGroups(projection.database, session.ownerId, { filter: seen, by, zone })
      const names = by === 'job' ? await jobNames(projection, database, groups) : null
      return ok({ groups: groups.map((group) => groupOnWire(group, names?.get(group.key) ?? '')), more })
    },
    async 'fleet.totals'(session, { fromDay, toDay }) {
      const ownerId = ownerOf(session)
      await store.catchUp(ownerId, 'rollups')
      return ok({ nodes: nodeTotals(projection.database, ownerId, fromDay, toDay) })
    },
    async 'fleet.activity'(session, asked) {
      if (!areBounds(asked.bounds))
        return err(appError('REQUEST_INVALID', { reason: 'bounds: neither days nor hours of a few days, in order' }))
      const ownerId = ownerOf(session)
      await Promise.all((['rollups', 'tasks', 'earnings'] as const).map((collection) => store.catchUp(ownerId, collection)))
      const tags = asked.split === 'tag' ? await tagsOfWorkers(store, projection, ownerId) : null
      const { knownFromMs, groups, others } = await fleetActivity(projection.database, ownerId, asked, tags)
      return ok({
        knownFromMs,
        groups: groups.map(({ key, values, total }) => ({ key, values: values.map(String), total: String(total) })),
        others: others?.map(String) ?? null,
      })
    },
    async 'earnings.totals'(session) {
      const ownerId = ownerOf(session)
      await store.catchUp(ownerId, 'earnings')
      return ok({ sums: ledgerSums(projection.database, ownerId) })
    },
  }
}

const noTag: readonly string[] = ['']
const workersPerTurn = 1_000

/** The tags of an owner's workers as they are now; of one that was deleted too. */
async function tagsOfWorkers(
  store: CouchDocumentStore,
  projection: ProjectionStore,
  ownerId: string,
): Promise<(nodeId: string) => readonly string[]> {
  const database = await store.open({ ownerId, collection: 'workers' })
  const byId = new Map<string, readonly string[]>()
  for (let after = ''; ;) {
    const page = projection.scanPage(database, after, workersPerTurn)
    for (const { id, body } of page) {
      // Safe: the collection holds nothing else.
      const { tags } = JSON.parse(body) as Documents['workers']
      if (tags.length > 0) byId.set(id, tags)
    }
    const last = page.at(-1)
    if (last === undefined || page.length < workersPerTurn) return (nodeId) => byId.get(nodeId) ?? noTag
    after = last.id
    await nextTurn()
  }
}

/** The names of the groups' jobs, by the newest entry of each: a job of somebody else is not among the owner's documents. */
async function jobNames(
  projection: ProjectionStore,
  earnings: ProjectedDatabase,
  groups: readonly LedgerGroup[],
): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  for (let from = 0; from < groups.length; from += namesPerTurn) {
    const jobIds = groups.slice(from, from + namesPerTurn).map(({ key }) => key)
    const newest = newestEntries(projection.database, earnings.key.ownerId ?? '', jobIds)
    const entries = projection.getMany(
      earnings,
      newest.map(({ entryId }) => entryId),
    )
    for (const { jobId, entryId } of newest) {
      const entry = entries.get(entryId)
      // Safe: the collection holds nothing else.
      if (entry !== undefined) names.set(jobId, (JSON.parse(entry.body) as Documents['earnings']).jobName)
    }
    await nextTurn()
  }
  return names
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** A node asks for its own, whatever it names. */
const nodeSeenBy = ({ isOwner, nodeId }: Session, asked: string | undefined): string | undefined => (isOwner ? asked : (nodeId ?? ''))
/** Safe: the registry lets only owners and nodes make these calls. */
const sessionOf = (caller: CallSession): Session => caller as Session
const ownerOf = (caller: CallSession): string => sessionOf(caller).ownerId
const newestFirst = (a: PlacedRow, b: PlacedRow): number => (b.at ?? 0) - (a.at ?? 0) || (a.id < b.id ? 1 : -1)
const parse = (body: string): JsonObject & Pick<Documents['tasks'], 'id'> => JSON.parse(body) as JsonObject & { id: string }
