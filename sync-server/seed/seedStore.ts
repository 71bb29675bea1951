import { collections, type CollectionName } from '#shared/collections/collections.ts'
import { durations } from '#shared/durations.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import type { Clock } from '#shared/log.ts'
import type { Change, ProjectedDatabase } from '../projection/projection.ts'
import { readDocuments } from '../store/couchDocuments.ts'
import { createBulkWriter, type BulkWriter } from '../store/bulkWriter.ts'
import type { DatabaseKey } from '../store/databaseNames.ts'
import { firstIssue } from '../store/firstIssue.ts'
import type { OpenedStore } from '../store/openStore.ts'
import type { SeedRow } from './seedTypes.ts'

/** Written and projected together, in one request of the store's bulk writer. */
const batchRows = 2_000
/** Batches that wait for the store at once: documents of a million tasks must not pile up in memory. */
const batchesAtOnce = 3

type AnyDocument = JsonObject & { id: string }
interface Target {
  key: DatabaseKey
  projected: ProjectedDatabase
  writer: BulkWriter
  waiting: { document: AnyDocument; body: string }[]
  written: number
}

/** Fills databases fast: every document is checked against its schema, written in bulk, and stands in the projection when its write returns. */
export interface SeedWriter {
  /** Resolves at once, or when there is room again. Rejects with DOCUMENT_INVALID, REQUEST_INVALID (it stands there already), SERVER_STORE_UNREACHABLE. */
  add(ownerId: string | null, row: SeedRow): Promise<void> | undefined
  /** Writes what waits, and brings the projection's place in each change feed to where the store stands. */
  finish(): Promise<Record<string, number>>
}

export function createSeedWriter(opened: OpenedStore, clock: Clock): SeedWriter {
  const { connection, databases, projection, store } = opened
  const targets = new Map<string, Promise<Target>>()
  const ready = new Map<string, Target>()
  const underWay = new Set<Promise<void>>()
  let failed: Error | null = null

  async function openTarget(key: DatabaseKey): Promise<Target> {
    const projected = await store.open(key)
    const writer = createBulkWriter({
      ...{ connection, path: databases.path(key), ensureDatabase: () => databases.ensure(key), clock },
      patienceMs: durations.storePatienceMs,
    })
    return { key, projected, writer, waiting: [], written: 0 }
  }

  async function flush(target: Target): Promise<void> {
    const rows = target.waiting
    if (rows.length === 0) return
    target.waiting = []
    const outcomes = await target.writer.write(rows.map(({ document: { id }, body }) => ({ id, rev: null, body })))
    const changes: Change[] = []
    const doubtful: typeof rows = []
    for (const [index, { document, body }] of rows.entries()) {
      const outcome = outcomes[index]
      if (outcome?.kind === 'written') changes.push({ id: document.id, rev: outcome.rev, document, body })
      else if (outcome?.kind === 'conflict' && outcome.mayBeOwn) doubtful.push({ document, body })
      else if (outcome?.kind === 'conflict') throw standsAlready(document.id)
      else throw invalid(target.key.collection, document.id, outcome?.reason ?? 'no answer')
    }
    if (doubtful.length > 0) changes.push(...(await ownAfterAll(target, doubtful)))
    projection.apply(target.projected, changes)
    target.written += rows.length
  }

  /** A try whose answer was lost, on a busy machine, had been written after all. */
  async function ownAfterAll(target: Target, rows: Target['waiting']): Promise<Change[]> {
    const ids = rows.map(({ document }) => document.id)
    const standing = new Map((await readDocuments(connection, databases.path(target.key), ids)).map((change) => [change.id, change]))
    return rows.map(({ document, body }) => {
      const change = standing.get(document.id)
      if (change?.body !== body) throw standsAlready(document.id)
      return change
    })
  }

  function start(target: Target): void {
    const work = flush(target).catch((thrown: unknown) => {
      failed ??= thrown instanceof Error ? thrown : new Error(String(thrown))
    })
    underWay.add(work)
    void work.then(() => underWay.delete(work))
  }

  async function room(): Promise<void> {
    while (underWay.size >= batchesAtOnce) await Promise.race(underWay)
    if (failed !== null) throw failed
  }

  async function firstOf(name: string, key: DatabaseKey, row: SeedRow): Promise<void> {
    const opening = targets.get(name) ?? openTarget(key)
    targets.set(name, opening)
    ready.set(name, await opening)
    await put(name, key, row)
  }

  function put(name: string, key: DatabaseKey, row: SeedRow): Promise<void> | undefined {
    const target = ready.get(name)
    if (target === undefined) return firstOf(name, key, row)
    if (row.collection !== 'chunks') check(row.collection, row.document)
    const document = row.document as unknown as AnyDocument
    target.waiting.push({ document, body: JSON.stringify(document) })
    if (target.waiting.length < batchRows) return undefined
    start(target)
    return underWay.size >= batchesAtOnce ? room() : undefined
  }

  return {
    add(ownerId, row) {
      // Safe: chunks are private, everything else is some owner's.
      const key = { ownerId, collection: row.collection } as DatabaseKey
      return put(`${ownerId ?? ''}/${row.collection}`, key, row)
    },
    async finish() {
      for (const target of ready.values()) start(target)
      await Promise.all(underWay)
      if (failed !== null) throw failed
      const counts: Record<string, number> = {}
      for (const { key, projected, written } of ready.values()) {
        const answer = await connection.request({ path: databases.path(key) })
        // Nobody else wrote meanwhile: the projection has everything up to here, so that the next start need not read it again.
        const feedSeq = (answer.body as { update_seq?: string | number }).update_seq
        if (feedSeq !== undefined) projection.apply(projected, [], { feedSeq: String(feedSeq) })
        counts[key.collection] = (counts[key.collection] ?? 0) + written
      }
      return counts
    },
  }
}

function check(collection: CollectionName, document: object): void {
  const checked = collections[collection].schema.safeParse(document)
  if (!checked.success) throw invalid(collection, 'id' in document ? String(document.id) : '', firstIssue(checked.error))
}

const standsAlready = (id: string): AppErrorException =>
  new AppErrorException(appError('REQUEST_INVALID', { reason: `${id} stands in this store already; give another --seed` }))
const invalid = (collection: string, id: string, reason: string): AppErrorException =>
  new AppErrorException(appError('DOCUMENT_INVALID', { id, collection, reason }))
