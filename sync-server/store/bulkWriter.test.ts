import { expect, test } from 'vitest'
import { durations } from '#shared/durations.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { Clock } from '#shared/log.ts'
import { createBulkWriter, type BulkRow } from './bulkWriter.ts'
import type { CouchAnswer, CouchConnection } from './couchConnection.ts'
import { createPatientConnection } from './patientConnection.ts'

/** Time passes as fast as somebody waits for it. */
function hastyClock(): Clock {
  let nowMs = 0
  return {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    after(delayMs, callback) {
      const timer = setImmediate(() => {
        nowMs += delayMs
        callback()
      })
      return () => clearImmediate(timer)
    },
  }
}
const late = () => new AppErrorException(appError('SERVER_STORE_UNREACHABLE', { reason: 'no answer in time', timedOut: true }))

/** A store that is away until then; what is written to it meanwhile may have arrived all the same. */
function storeThatIsBack(clock: Clock, atMs: number, arrives: boolean) {
  const standing = new Map<string, string>()
  const timeouts: number[] = []
  const connection: CouchConnection = {
    async request({ path, body, timeoutMs = 0 }): Promise<CouchAnswer> {
      timeouts.push(timeoutMs)
      const isAway = clock.monotonicMs() < atMs
      if (!path.endsWith('_bulk_docs')) {
        if (isAway) throw late()
        return { status: 200, body: {} }
      }
      const { docs } = JSON.parse(body ?? '') as { docs: { _id: string }[] }
      const answers = docs.map((doc) => {
        if (standing.has(doc._id)) return { id: doc._id, error: 'conflict' }
        if (arrives || !isAway) standing.set(doc._id, JSON.stringify(doc))
        return { id: doc._id, rev: '1-a' }
      })
      if (isAway) throw late()
      return { status: 200, body: answers }
    },
  }
  return { connection, standing, timeouts }
}
const rows: BulkRow[] = Array.from({ length: 1_000 }, (_, index) => ({ id: `d-${index}`, rev: null, body: '{"n":1}' }))
const writerOf = (connection: CouchConnection, clock: Clock, patienceMs?: number) =>
  createBulkWriter({ connection, path: 'db', ensureDatabase: () => Promise.resolve(), clock, patienceMs })

test.each([true, false])('a bulk write waits for a store that is away for ten minutes; its tries arrived: %s', async (arrives) => {
  const clock = hastyClock()
  const { connection, standing } = storeThatIsBack(clock, 600_000, arrives)
  const outcomes = await writerOf(connection, clock, durations.storePatienceMs).write(rows)
  expect(standing.size).toBe(rows.length)
  const expected = arrives ? { kind: 'conflict', mayBeOwn: true } : { kind: 'written', rev: '1-a' }
  expect(outcomes).toEqual(rows.map(() => expected))
})

test('without patience it gives up after a few tries, and says so', async () => {
  const clock = hastyClock()
  const { connection } = storeThatIsBack(clock, 600_000, false)
  await expect(writerOf(connection, clock).write(rows.slice(0, 1))).rejects.toMatchObject({ error: { code: 'SERVER_STORE_UNREACHABLE' } })
  expect(clock.monotonicMs()).toBeLessThan(durations.requestTimeoutMs)
})

test('many documents have more time than one', async () => {
  const clock = hastyClock()
  const { connection, timeouts } = storeThatIsBack(clock, 0, false)
  const writer = writerOf(connection, clock)
  await writer.write(rows.slice(0, 1))
  await writer.write(rows.slice(1))
  expect(timeouts[1]).toBe((timeouts[0] ?? 0) + (rows.length - 2) * durations.storeWriteRowTimeoutMs)
})

test('a patient connection asks again until the store is back, but not for ever, and leaves bulk writes to their writer', async () => {
  const clock = hastyClock()
  const { connection, timeouts } = storeThatIsBack(clock, 600_000, false)
  const patient = createPatientConnection(connection, clock, durations.storePatienceMs)
  await expect(patient.request({ path: 'db/_bulk_docs', body: '{"docs":[]}', repeatedByCaller: true })).rejects.toThrow()
  expect(timeouts).toHaveLength(1)
  expect(await patient.request({ path: 'db' })).toMatchObject({ status: 200 })
  const gone = createPatientConnection(storeThatIsBack(clock, Number.POSITIVE_INFINITY, false).connection, clock, 60_000)
  const begun = clock.monotonicMs()
  await expect(gone.request({ path: 'db' })).rejects.toMatchObject({ error: { code: 'SERVER_STORE_UNREACHABLE' } })
  expect(clock.monotonicMs() - begun).toBeLessThan(60_000 + 2 * durations.reconnectMaxMs)
})
