import { expect, it } from 'vitest'
import { appError } from '../errors/appError.ts'
import type { PushReply, WireDocument } from './protocol.ts'
import { pushRows, type PushRow } from './pushRows.ts'
import { settle } from './testing/fakeClock.ts'

const run = (id: string, extra: object = {}): WireDocument => ({ id, ownerId: 'owner-1', nodeId: 'node-1', updatedAt: 1, ...extra })
const rowsOf = (count: number): PushRow[] => Array.from({ length: count }, (_, n) => ({ assumed: null, document: run(`task-${n}`) }))
const taken = (): PushReply => ({ conflicts: [], refusals: [] })

/** A peer that answers when it is told to. */
function slowPeer() {
  const waiting: { rows: PushRow[]; answer: (reply: PushReply) => void; fail: (error: Error) => void }[] = []
  const send = (rows: PushRow[]) => new Promise<PushReply>((answer, fail) => waiting.push({ rows, answer, fail }))
  return { waiting, send }
}

it('has a few messages under way, never more, and each document in one of them', async () => {
  const { waiting, send } = slowPeer()
  const pushing = pushRows('runs', rowsOf(4_000), send, new Map())
  await settle()
  expect(waiting).toHaveLength(4)
  for (let next = 0; next < waiting.length; next += 1) {
    waiting[next]?.answer(taken())
    await settle()
    expect(waiting.length - next).toBeLessThanOrEqual(5)
  }
  await pushing
  const sent = waiting.flatMap(({ rows }) => rows.map(({ document }) => document.id))
  expect(sent).toHaveLength(4_000)
  expect(new Set(sent).size).toBe(4_000)
})

it('settles the conflicts and refusals of each message, whatever order they are answered in', async () => {
  const { waiting, send } = slowPeer()
  const unanswered = new Map<string, WireDocument[]>()
  const pushing = pushRows('runs', rowsOf(1_000), send, unanswered)
  await settle()
  expect(waiting.map(({ rows }) => rows.length)).toEqual([400, 400, 200])
  const refusal = { id: 'task-900', error: appError('DOCUMENT_FORBIDDEN', { id: 'task-900', collection: 'runs' }), current: null }
  waiting[2]?.answer({ conflicts: [run('task-901', { updatedAt: 0 }), run('task-902', { updatedAt: 9 })], refusals: [refusal] })
  waiting[1]?.answer(taken())
  waiting[0]?.answer({ conflicts: [run('task-1', { updatedAt: 0 })], refusals: [] })
  await settle()
  // Ours is newer than both: they go once more, on top of what stands.
  expect(waiting[3]?.rows.toSorted((one, other) => one.document.id.localeCompare(other.document.id))).toEqual([
    { assumed: run('task-1', { updatedAt: 0 }), document: run('task-1') },
    { assumed: run('task-901', { updatedAt: 0 }), document: run('task-901') },
  ])
  waiting[3]?.answer(taken())
  expect(await pushing).toEqual({
    takeOver: [{ ...run('task-900'), _deleted: true }, run('task-902', { updatedAt: 9 })],
    refused: [{ refusal, document: run('task-900') }],
    hasMerged: false,
  })
  expect(unanswered.size).toBe(0)
})

it('fails only when nothing is under way any more, and remembers just the versions that had no answer', async () => {
  const { waiting, send } = slowPeer()
  const unanswered = new Map<string, WireDocument[]>()
  let failure: unknown = null
  const pushing = pushRows('runs', rowsOf(4_000), send, unanswered).catch((thrown: unknown) => (failure = thrown))
  await settle()
  waiting[1]?.fail(new Error('busy'))
  await settle()
  expect(failure).toBeNull()
  for (const index of [0, 2, 3]) waiting[index]?.answer(taken())
  await pushing
  expect(failure).toEqual(new Error('busy'))
  // The rest is not begun.
  expect(waiting).toHaveLength(4)
  expect([...unanswered.keys()]).toEqual(waiting[1]?.rows.map(({ document }) => document.id))
})
