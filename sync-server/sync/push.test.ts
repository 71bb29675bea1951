import { afterEach, beforeEach, expect, it } from 'vitest'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { Session } from '#shared/sync/backend.ts'
import type { PushPayload, WireDocument } from '#shared/sync/protocol.ts'
import type { CouchDocumentStore, TextRow } from '../store/couchDocumentStore.ts'
import { openTestProjection, type TestProjection } from '../testing/openTestProjection.ts'
import { sampleRun } from '../testing/sampleRun.ts'
import { realClock } from '../testing/testTools.ts'
import { createPush } from './push.ts'

const session: Session = { sessionId: 'session-1', ownerId: 'owner-1', nodeId: 'node-1', isOwner: false, expiresAtMs: null }
const runOf = (index: number, extra: object = {}) => ({ ...sampleRun('owner-1', 'node-1', index), ...extra }) as unknown as WireDocument
const payloadOf = (documents: WireDocument[], assumed: WireDocument | null = null): PushPayload => ({
  collection: 'runs',
  rows: documents.map((document) => ({ assumed, document })),
})

let at: TestProjection
beforeEach(() => {
  at = openTestProjection({ ownerId: 'owner-1', collection: 'runs' })
})
afterEach(() => at.remove())

/** A push over a store of which only the writing of rows is played; the projection is real. */
function pushOver(writeRows: (rows: TextRow[]) => Promise<void>) {
  let generation = 0
  const { projection, database } = at
  const store = {
    open: () => Promise.resolve(database),
    async writeRows(_key: unknown, rows: TextRow[]) {
      await writeRows(rows)
      generation += 1
      const changes = rows.map(({ document, body }) => ({ id: document.id, rev: `${generation}-a`, document, body }))
      if (changes.length > 0) projection.apply(database, changes)
      return rows.map(({ document }) => ({ written: true as const, id: document.id, rev: '1-a' }))
    },
  }
  // Safe: a push uses nothing else of the store.
  return createPush({ store: store as unknown as CouchDocumentStore, projection, archive: { among: () => new Set() }, clock: realClock })
}

it('decides a part in a turn, so that the store has the first rows before the last ones are looked at', async () => {
  const turns: number[] = []
  let turn = 0
  let counting = true
  const count = () => {
    turn += 1
    if (counting) setImmediate(count)
  }
  setImmediate(count)
  const push = pushOver(async (rows) => void (rows.length > 0 && turns.push(turn)))
  const documents = Array.from({ length: 1_600 }, (_, index) => runOf(index))
  const replies = await Promise.all([0, 400, 800, 1_200].map((from) => push(session, payloadOf(documents.slice(from, from + 400)))))
  counting = false
  expect(replies).toEqual(replies.map(() => ({ ok: true, value: { conflicts: [], refusals: [] } })))
  expect(new Set(turns).size).toBe(4)
  expect(at.projection.get(at.database, runOf(1_599).id)).not.toBeNull()
})

it('fails with the error of the store, once and for the whole push, also when later parts wait for their turn', async () => {
  const unreachable = new AppErrorException(appError('SERVER_STORE_UNREACHABLE', { reason: 'gone' }))
  const push = pushOver(() => Promise.reject(unreachable))
  await expect(push(session, payloadOf(Array.from({ length: 1_900 }, (_, index) => runOf(index))))).rejects.toBe(unreachable)
})

it('one document twice in a push: the second stands on the first', async () => {
  const push = pushOver(() => Promise.resolve())
  const [first, second] = [runOf(1), runOf(1, { updatedAt: 2_000_000_000_000 })]
  const rows = [
    { assumed: null, document: first },
    { assumed: first, document: second },
  ]
  expect(await push(session, { collection: 'runs', rows })).toEqual({ ok: true, value: { conflicts: [], refusals: [] } })
  expect(JSON.parse(at.projection.get(at.database, first.id)?.body ?? 'null')).toEqual(second)
})

it('a removed document does not stand: it is neither a conflict nor shown', async () => {
  const push = pushOver(() => Promise.resolve())
  const { id } = runOf(1)
  await push(session, payloadOf([runOf(1)]))
  const rev = at.projection.revision(at.database, id) ?? ''
  at.projection.apply(at.database, [{ id, rev: `${Number.parseInt(rev, 10) + 1}-b`, document: null, body: '' }])
  expect(at.projection.get(at.database, id)).toBeNull()
  expect(at.projection.getMany(at.database, [id, 'task-none'])).toEqual(new Map())
  expect(await push(session, payloadOf([runOf(1)]))).toEqual({ ok: true, value: { conflicts: [], refusals: [] } })
})
