import { durations } from '#shared/durations.ts'
import { appError, AppErrorException, toAppError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { CouchConnection } from '../store/couchConnection.ts'
import type { CouchDatabases } from '../store/couchDatabases.ts'
import { changeFromCouch, deletedChange, isData, readDocuments, type ChangesPage } from '../store/couchDocuments.ts'
import { expectStatus } from '../store/expectStatus.ts'
import type { Change, ProjectedDatabase, ProjectionStore } from './projection.ts'

const pageRows = 1_000
/** While it is read from nothing: so often in a row may a page not come in time. The store is at work then, and not gone. */
const slowPages = 4

export interface ChangeFeedParts {
  connection: CouchConnection
  databases: CouchDatabases
  projection: ProjectionStore
  /** True for the embedded store: only this gateway writes, so the feed only tells the sequences of its own writes. */
  singleWriter: boolean
  /** While it catches up: so many more changes were read. What it throws ends that. */
  onBuilding?: (documents: number) => void
  log: Logger
  clock: Clock
}

/** Brings one database's changes into the projection, in order, from where it stopped. */
export interface ChangeFeed {
  /** Everything CouchDB acknowledged before this was called stands in the projection. Rejects with SERVER_STORE_UNREACHABLE. */
  fresh(): Promise<void>
  /** Own writes were applied: their sequences are read soon. */
  touched(): void
  stop(): Promise<void>
}

export function createChangeFeed(store: ProjectedDatabase, parts: ChangeFeedParts): ChangeFeed {
  const { connection, databases, projection, clock, log } = parts
  const path = databases.path(store.key)
  const stopping = new AbortController()
  let caughtUp: Promise<void> | null = null
  let following: Promise<void> | null = null
  let cancelSoon: (() => void) | null = null
  let touchedSinceMs = 0
  /** As long as most of what comes is not known here, the documents are asked for along with it. */
  let wantsDocuments = store.feedSeq === null

  async function readPage(longPoll: boolean): Promise<boolean> {
    // A reader must not take what stands here for all there is.
    if (stopping.signal.aborted) throw new AppErrorException(appError('CANCELLED'))
    const since = store.feedSeq
    const answer = await connection.request({
      path: `${path}/_changes`,
      query: {
        since: since ?? 0,
        limit: pageRows,
        ...(wantsDocuments ? { include_docs: true } : {}),
        ...(longPoll ? { feed: 'longpoll', heartbeat: 10_000 } : {}),
      },
      timeoutMs: longPoll ? durations.feedPollMs : durations.storeRequestTimeoutMs,
      signal: stopping.signal,
    })
    if (answer.status === 404) {
      await databases.ensure(store.key)
      return true
    }
    const page = expectStatus<ChangesPage>(answer)
    await take(page)
    if (!longPoll && page.results.length > 0) parts.onBuilding?.(page.results.length)
    return page.results.length > 0 && (page.pending ?? (page.results.length < pageRows ? 0 : 1)) > 0
  }

  async function take(page: ChangesPage): Promise<void> {
    const changes: Change[] = []
    const unknown: string[] = []
    for (const {
      id,
      changes: [leaf],
      deleted,
      doc,
    } of page.results) {
      if (!isData(id) || leaf === undefined || projection.revision(store, id) === leaf.rev) continue
      if (deleted === true) changes.push(deletedChange(id, leaf.rev))
      else if (doc != null) changes.push(changeFromCouch(id, leaf.rev, doc))
      else unknown.push(id)
    }
    wantsDocuments = (changes.length + unknown.length) * 2 > page.results.length
    if (unknown.length > 0) changes.push(...(await readDocuments(connection, path, unknown)))
    if (page.results.length > 0 || store.feedSeq === null) projection.apply(store, changes, { feedSeq: String(page.last_seq) })
  }

  async function catchUp(): Promise<void> {
    // A large database is read for minutes, others beside it: one page that is late must not fail whoever waits for all of them.
    for (let late = 0; ;) {
      try {
        if (!(await readPage(false))) return
        late = 0
      } catch (thrown) {
        const isLate = wantsDocuments && !stopping.signal.aborted && toAppError(thrown).details?.['timedOut'] === true
        if (!isLate || (late += 1) >= slowPages) throw thrown
        log.debug('a page of a change feed is late and is asked for again', { database: path, late })
      }
    }
  }

  /** Never ends by itself: whatever a poll answers, the next one goes on from the last position that was taken in. */
  async function follow(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted;) {
      try {
        await readPage(true)
        failures = 0
      } catch (thrown) {
        if (stopping.signal.aborted) return
        const error = toAppError(thrown)
        // A poll in which nothing happened runs into its time limit as well.
        failures = error.details?.['timedOut'] === true ? 0 : failures + 1
        // Until a poll works again nobody may take what stands here for all there is: the next `fresh` reads for itself.
        if (failures > 0) caughtUp = null
        if (failures > 0) log.debug('a change feed failed', { database: path, reason: error.message, failures })
        await pause(failures === 0 ? 0 : backoff(failures))
      }
    }
  }

  function pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(delayMs, done)
      function done() {
        stopping.signal.removeEventListener('abort', done)
        cancel()
        resolve()
      }
      stopping.signal.addEventListener('abort', done)
    })
  }

  return {
    fresh() {
      caughtUp ??= catchUp().then(
        () => {
          if (!parts.singleWriter) following ??= follow()
        },
        (thrown: unknown) => {
          caughtUp = null
          throw thrown
        },
      )
      return caughtUp
    },
    touched() {
      if (!parts.singleWriter || stopping.signal.aborted) return
      // While writes go on the store has better to do; but a gateway that always writes must not wait for ever.
      if (cancelSoon !== null && clock.monotonicMs() - touchedSinceMs > durations.feedSettleMaxMs) return
      if (cancelSoon === null) touchedSinceMs = clock.monotonicMs()
      else cancelSoon()
      cancelSoon = clock.after(durations.feedSettleMs, () => {
        cancelSoon = null
        following = catchUp().catch((thrown: unknown) =>
          log.debug('sequences are read later', { database: path, reason: toAppError(thrown).message }),
        )
      })
    },
    async stop() {
      cancelSoon?.()
      stopping.abort()
      await Promise.allSettled([caughtUp, following])
    },
  }
}

const backoff = (failures: number) =>
  Math.min(durations.reconnectMaxMs, durations.reconnectMinMs * 2 ** Math.min(failures, 10)) * (0.5 + Math.random() / 2)
