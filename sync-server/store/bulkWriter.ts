import { durations } from '#shared/durations.ts'
import { appError, AppErrorException, toAppError } from '#shared/errors/appError.ts'
import type { Clock } from '#shared/log.ts'
import type { CouchAnswer, CouchConnection } from './couchConnection.ts'
import { isTransient } from './couchConnection.ts'
import { reasonOf } from './expectStatus.ts'

/** One document on its way: its JSON text and the revision it replaces (null: none). */
export interface BulkRow {
  id: string
  rev: string | null
  /** JSON text of an object with at least one member. */
  body: string
}
export type BulkOutcome =
  | { kind: 'written'; rev: string }
  /** `mayBeOwn`: an earlier try of this row may have been written without its answer reaching us. */
  | { kind: 'conflict'; mayBeOwn: boolean }
  | { kind: 'refused'; reason: string }

interface Waiting {
  row: BulkRow
  mayBeOwn: boolean
  settle: (outcome: BulkOutcome) => void
  fail: (error: AppErrorException) => void
}

const maxRows = 2_000
const maxBytes = 8 * 1024 * 1024
const maxTries = 6
const requestsAtOnce = 2
const maxWaiting = 50_000

/**
 * Writes of one database: two `_bulk_docs` at a time (one is looked at while the other waits for the disk), never with the same document; what
 * comes meanwhile goes together with the next one.
 */
export interface BulkWriter {
  /**
   * Resolves when CouchDB has them on disk. Rejects with SERVER_STORE_UNREACHABLE when it did not say so in time (nothing is then known),
   * SERVER_STORE_DAMAGED, BUSY when too many wait.
   */
  write(rows: BulkRow[]): Promise<BulkOutcome[]>
}

export function createBulkWriter(parts: {
  connection: CouchConnection
  path: string
  ensureDatabase: () => Promise<void>
  clock: Clock
  /** A write that gets no answer is repeated at least this long; default: only a few times. */
  patienceMs?: number | undefined
}): BulkWriter {
  const { connection, path, ensureDatabase, clock, patienceMs = 0 } = parts
  const waiting: Waiting[] = []
  const underWay = new Set<string>()
  let running = 0

  function run(): void {
    while (running < requestsAtOnce) {
      const batch = takeBatch(waiting, underWay)
      if (batch.length === 0) return
      running += 1
      for (const { row } of batch) underWay.add(row.id)
      void send(batch).then(() => {
        for (const { row } of batch) underWay.delete(row.id)
        running -= 1
        run()
      })
    }
  }

  async function send(batch: Waiting[]): Promise<void> {
    try {
      const answer = await tryAnswer(batch)
      if (Array.isArray(answer.body)) return settle(batch, answer.body as RowAnswer[])
      // The whole request was refused because of one row: halving finds it, and the others go through.
      if (batch.length > 1) {
        const half = Math.ceil(batch.length / 2)
        await send(batch.slice(0, half))
        await send(batch.slice(half))
      } else batch[0]?.settle({ kind: 'refused', reason: reasonOf(answer) })
    } catch (thrown) {
      const error = thrown instanceof AppErrorException ? thrown : new AppErrorException(appError('UNEXPECTED', { reason: String(thrown) }))
      for (const row of batch) row.fail(error)
    }
  }

  async function tryAnswer(batch: Waiting[]): Promise<CouchAnswer> {
    const body = `{"docs":[${batch.map(({ row }) => couchText(row)).join(',')}]}`
    const timeoutMs = durations.storeRequestTimeoutMs + batch.length * durations.storeWriteRowTimeoutMs
    const until = clock.monotonicMs() + patienceMs
    for (let tries = 1; ; tries += 1) {
      const isLast = tries >= maxTries && clock.monotonicMs() >= until
      try {
        const answer = await connection.request({ method: 'POST', path: `${path}/_bulk_docs`, body, timeoutMs, repeatedByCaller: true })
        if (answer.status === 404) await ensureDatabase()
        else if (!isTransient(answer.status) || concernsOneRow(answer, tries, batch.length)) return answer
        if (isLast) throw new AppErrorException(appError('SERVER_STORE_UNREACHABLE', { reason: reasonOf(answer) }))
      } catch (thrown) {
        for (const row of batch) row.mayBeOwn = true
        // A damaged store takes nothing more, however often it is asked.
        if (isLast || toAppError(thrown).code === 'SERVER_STORE_DAMAGED') throw thrown
      }
      await new Promise<void>((resolve) => clock.after(delayAfter(tries), resolve))
    }
  }

  return {
    write(rows) {
      if (waiting.length + rows.length > maxWaiting) return Promise.reject(new AppErrorException(appError('BUSY')))
      const outcomes = rows.map(
        (row) => new Promise<BulkOutcome>((settleRow, fail) => waiting.push({ row, mayBeOwn: false, settle: settleRow, fail })),
      )
      run()
      return Promise.all(outcomes)
    },
  }
}

/** PouchDB answers 500 to a document it cannot take; a server that fails again and again may choke on one of them too. */
function concernsOneRow({ status, body }: CouchAnswer, tries: number, rows: number): boolean {
  if (status !== 500) return false
  if (typeof body === 'object' && body !== null && 'error' in body && body.error === 'doc_validation') return true
  return tries >= 3 && rows > 1
}

interface RowAnswer {
  id?: string
  rev?: string
  error?: string
  reason?: string
}

function settle(batch: Waiting[], answers: RowAnswer[]): void {
  batch.forEach(({ settle: done, mayBeOwn }, index) => {
    const answer = answers[index]
    if (answer?.rev !== undefined && answer.error === undefined) done({ kind: 'written', rev: answer.rev })
    else if (answer?.error === 'conflict') done({ kind: 'conflict', mayBeOwn })
    else done({ kind: 'refused', reason: answer?.reason ?? answer?.error ?? 'no answer for this document' })
  })
}

/** The next rows that fit into one request; an id is only once under way, because the second one would be a conflict. */
function takeBatch(waiting: Waiting[], underWay: ReadonlySet<string>): Waiting[] {
  const ids = new Set<string>()
  let bytes = 0
  let count = 0
  for (const { row } of waiting) {
    if (count >= maxRows || ids.has(row.id) || underWay.has(row.id) || (count > 0 && bytes + row.body.length > maxBytes)) break
    ids.add(row.id)
    bytes += row.body.length
    count += 1
  }
  return waiting.splice(0, count)
}

function couchText({ id, rev, body }: BulkRow): string {
  const head = rev === null ? `{"_id":${JSON.stringify(id)},` : `{"_id":${JSON.stringify(id)},"_rev":${JSON.stringify(rev)},`
  return head + body.slice(1)
}

const delayAfter = (tries: number) => Math.min(4_000, durations.reconnectMinMs * 2 ** Math.min(tries - 1, 10)) * (0.5 + Math.random() / 2)
