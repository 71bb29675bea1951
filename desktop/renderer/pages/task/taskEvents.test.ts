import { describe, expect, it } from 'vitest'
import type { Run } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import { seedWorld } from '../../testing/seed.ts'
import { taskRows, taskSorts, viewTasks, wholeHistory } from '../worker/taskRows.ts'
import { taskEvents } from './taskEvents.ts'

const world = seedWorld(3, 3, 1_760_000_000_000)
const [seeded] = world.tasks
if (!seeded) throw new Error('seed')
const task: Task = {
  ...seeded,
  createdAt: 100,
  closedAt: 900,
  closedAs: 'completed',
  frames: [1, 2],
  verdicts: {
    1: { verdict: 'accepted', at: 400 },
    2: { verdict: 'superseded', at: 500, error: { code: 'FRAME_SUPERSEDED', message: 'x' } },
  },
}
const run: Run = {
  ...{ id: task.id, ownerId: task.ownerId, updatedAt: 0, nodeId: task.nodeId, jobId: task.jobId, leaseToken: 1, state: 'done' },
  ...{ createdAt: 100, startedAt: 150, finishedAt: 900, warnings: [] },
  frames: {
    1: { state: 'delivered', renders: 1, renderMs: 90, finishedAt: 300 },
    2: { state: 'delivered', renders: 1, renderMs: 70, finishedAt: 400 },
  },
}

describe('taskEvents', () => {
  it('tells the way of a task in order', () => {
    expect(taskEvents(task, run, []).map(({ kind, at }) => `${at} ${kind}`)).toEqual([
      '100 assigned',
      '150 begun',
      '300 rendered',
      '400 rendered',
      '400 accepted',
      '500 superseded',
      '900 finished',
      '900 closed',
    ])
  })
  it('says why a run failed, and what was booked', () => {
    const failed: Run = { ...run, state: 'failed', error: { code: 'BLENDER_CRASHED', message: 'x' } }
    const entry = { ...world.earnings[0], createdAt: 950, netMicro: 7 } as (typeof world.earnings)[number]
    const events = taskEvents(task, failed, [entry])
    expect(events.find(({ kind }) => kind === 'failed')).toMatchObject({ error: { code: 'BLENDER_CRASHED' } })
    expect(events.at(-1)).toEqual({ at: 950, kind: 'booked', netMicro: 7 })
  })
  it('knows at least that it was given', () => {
    const { closedAt: _at, closedAs: _as, ...open } = task
    expect(taskEvents({ ...open, verdicts: {} }, null, []).map(({ kind }) => kind)).toEqual(['assigned'])
  })
})

describe('viewTasks', () => {
  const rows = taskRows(world.tasks, world.runs, world.earnings)
  it('sums what a task earned and leaves out what was reversed', () => {
    const entry = (extra: object) => ({ ...world.earnings[0], taskId: task.id, ...extra }) as (typeof world.earnings)[number]
    const [row] = taskRows(
      [task],
      [run],
      [
        entry({ grossMicro: 10, feeMicro: 1, netMicro: 9 }),
        entry({ grossMicro: 5, feeMicro: 0, netMicro: 5 }),
        entry({ state: 'reversed' }),
      ],
    )
    expect(row).toMatchObject({ grossMicro: 15, feeMicro: 1, netMicro: 14, renderMs: 160, accepted: 1, stateKey: 'taskClosed.completed' })
  })
  it('knows what rendered a task, what its frames cost and when it began and ended', () => {
    const quote = { ...task.quote, microPerFrame: 6_100 }
    const [row] = taskRows([{ ...task, quote }], [{ ...run, blenderVersion: '4.2.3' }], [])
    expect(row).toMatchObject({ software: 'Blender 4.2.3', costMicro: 12_200n, startedAt: 150, endedAt: 900 })
    // Before it ran: what the task asks for, and no times.
    const { closedAt: _at, closedAs: _as, ...open } = task
    expect(taskRows([open], [], [])[0]).toMatchObject({ software: `Blender ${task.info.blenderVersion}`, startedAt: null, endedAt: null })
    const upscaled = taskRows([{ ...task, kind: 'upscale' }], [{ ...run, engine: 'onnxruntime 1.30.0' }], [])
    expect(upscaled[0]?.software).toBe('ONNX Runtime 1.30.0')
  })
  it('sorts by any column, both ways, with the same rows; what still goes on is the newest that ended', () => {
    for (const sort of taskSorts)
      for (const descending of [false, true]) {
        const sorted = viewTasks(rows, { ...wholeHistory, sort, descending })
        expect(new Set(sorted.map(({ id }) => id)), sort).toEqual(new Set(rows.map(({ id }) => id)))
        if (sort === 'ended' && rows.some(({ endedAt }) => endedAt === null)) expect(sorted.at(descending ? 0 : -1)?.endedAt).toBeNull()
        if (sort === 'cost')
          expect(sorted.map(({ costMicro }) => costMicro)).toEqual(
            ordered(
              sorted.map(({ costMicro }) => costMicro),
              descending,
            ),
          )
      }
  })
  it('finds by job and id, by state and by day', () => {
    const [first] = rows
    if (!first) throw new Error('rows')
    expect(viewTasks(rows, { ...wholeHistory, search: first.id.toUpperCase() })).toEqual([first])
    for (const row of viewTasks(rows, { ...wholeHistory, stateKey: first.stateKey })) expect(row.stateKey).toBe(first.stateKey)
    const day = new Date(first.task.createdAt)
    const local = `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, '0')}-${String(day.getDate()).padStart(2, '0')}`
    expect(viewTasks(rows, { ...wholeHistory, from: local, to: local })).toContain(first)
    expect(viewTasks(rows, { ...wholeHistory, to: '2001-01-01' })).toEqual([])
  })
  it('sorts both ways', () => {
    const up = viewTasks(rows, { ...wholeHistory, sort: 'net', descending: false }).map((row) => row.netMicro ?? -1)
    expect(up).toEqual([...up].sort((a, b) => a - b))
  })
})

const ordered = (amounts: readonly bigint[], descending: boolean): bigint[] =>
  amounts.toSorted((a, b) => (descending ? -1 : 1) * (a < b ? -1 : a > b ? 1 : 0))
