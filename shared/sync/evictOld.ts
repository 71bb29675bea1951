import type { CollectionName } from '../collections/collections.ts'
import { durations } from '../durations.ts'
import type { JsonObject } from '../json.ts'
import type { Clock, Logger } from '../log.ts'
import { archiveCutoff, isOld } from '../rules/retention.ts'

/** Of RxDB's collections as much as forgetting needs: `shared` does not know RxDB. */
interface LocalCollection {
  find(query: object): { exec(): Promise<{ toJSON(): unknown }[]> }
  findByIds(ids: string[]): { exec(): Promise<ReadonlyMap<string, { toJSON(): unknown }>> }
  bulkRemove(ids: string[]): Promise<unknown>
  storageInstance: { cleanup(minimumDeletedTimeMs: number): Promise<boolean> }
}
export type LocalCollections = Readonly<Record<CollectionName, LocalCollection>>

type Held = JsonObject & { id: string; updatedAt: number }

const pageRows = 500
/** By which time a collection's documents are read in order; it is never later than that at which they were over. */
const placedBy = { tasks: 'createdAt', runs: 'createdAt', notices: 'at' } as const
const cleaned = ['tasks', 'runs', 'notices', 'jobs', 'jobStates'] as const

/**
 * Forgets what is old in a local database: the server has it in its archive, and peers hear nothing of it (a removal is never pushed, see
 * replication.ts). Call it only when nothing waits to be sent. Returns how many went.
 */
export async function evictOld(collections: LocalCollections, nowMs: number): Promise<number> {
  let gone = 0
  for (const name of ['tasks', 'runs', 'notices'] as const) gone += await evictPlaced(collections[name], name, nowMs)
  gone += await evictJobs(collections, nowMs)
  for (const name of cleaned) await collections[name].storageInstance.cleanup(durations.evictedKnownMs)
  return gone
}

async function evictPlaced(collection: LocalCollection, name: keyof typeof placedBy, nowMs: number): Promise<number> {
  const field = placedBy[name]
  let gone = 0
  for (let from = 0; ;) {
    const page = await read(collection, {
      selector: { [field]: { $gte: from, $lt: archiveCutoff(nowMs) } },
      sort: [{ [field]: 'asc' }],
      limit: pageRows,
    })
    const old = page.filter((document) => isOld(name, document, nowMs)).map(({ id }) => id)
    if (old.length > 0) await collection.bulkRemove(old)
    gone += old.length
    const last = page.at(-1)
    if (last === undefined || page.length < pageRows) return gone
    // Those that still go on stay where they are: read on behind them.
    from = old.length === 0 ? Math.max(Number(last[field]), from + 1) : Number(last[field])
  }
}

/** A job goes with its state. One that was changed here since is not over for its owner. */
async function evictJobs({ jobs, jobStates }: LocalCollections, nowMs: number): Promise<number> {
  // Not all of them: a state of a long job takes 150 kB, and RxDB keeps what a query found.
  const before = { $lt: archiveCutoff(nowMs) }
  const found = await read(jobStates, { selector: { $or: [{ finishedAt: before }, { updatedAt: before }] } })
  const states = found.filter((state) => isOld('jobStates', state, nowMs)).map(({ id }) => id)
  if (states.length === 0) return 0
  const held = await jobs.findByIds(states).exec()
  const old = states.filter((id) => {
    const job = held.get(id)?.toJSON() as Held | undefined
    return job === undefined || job.updatedAt < archiveCutoff(nowMs)
  })
  await jobs.bulkRemove(old.filter((id) => held.has(id)))
  await jobStates.bulkRemove(old)
  return old.length
}

// Safe: every replicated document has these fields.
const read = async (collection: LocalCollection, query: object): Promise<Held[]> =>
  (await collection.find(query).exec()).map((document) => document.toJSON() as Held)

/** Forgets what is old a while after the start and then a few times a day, whenever `isIdle` says that nothing waits. Returns what ends it. */
export function keepEvicting(parts: {
  collections: LocalCollections
  clock: Clock
  /** Server time. */
  now: () => number
  isIdle: () => boolean
  log: Logger
}): () => void {
  const { collections, clock, now, isIdle, log } = parts
  let cancel = clock.after(durations.archiveFirstMs, sweep)
  function sweep(): void {
    const idle = isIdle()
    // Looked at again soon: a line comes back, a queue is sent.
    cancel = clock.after(idle ? durations.evictIntervalMs : durations.archiveFirstMs, sweep)
    if (!idle) return
    evictOld(collections, now()).then(
      (gone) => {
        if (gone > 0) log.info('old documents are forgotten here', { documents: gone })
      },
      (thrown: unknown) => log.warn('old documents could not be forgotten', { reason: String(thrown) }),
    )
  }
  return () => cancel()
}
