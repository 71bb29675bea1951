import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Run } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import { appError } from '#shared/errors/appError.ts'
import { isEnded, moveRun } from '#shared/rules/runState.ts'
import { makeTask } from '../../testing/tasks.ts'
import { frameDelivered, frameKept, framesIn, frameStarted, newRun, withoutFramesInProgress } from '../run/runChanges.ts'
import { plan, type Action, type Activity, type Snapshot, type TaskView } from './plan.ts'

const now = 1_000_000
const task = (change: Partial<Task> = {}) => makeTask({ createdAt: 1, lease: { token: 1, issuedAt: 1, expiresAt: now + 1_000 }, ...change })
const view = (change: Partial<TaskView> = {}): TaskView => {
  const of = change.task ?? task()
  return { task: of, run: newRun(of, 1), activity: 'none', fetched: true, notBeforeMs: 0, ...change }
}
const facts = (tasks: TaskView[], change: Partial<Snapshot> = {}): Snapshot => ({
  tasks,
  pause: 'none',
  held: false,
  serverNowMs: now,
  serverTimeKnown: true,
  renderSlots: 1,
  fetchSlots: 2,
  ...change,
})
const kept = { sha256: 'b'.repeat(64), sizeBytes: 1, format: 'PNG', width: 1, height: 1, renderMs: 1 }
const withKept = (run: Run, ...frames: number[]) => frames.reduce((r, frame) => frameKept(frameStarted(r, frame, 1), frame, kept, 1), run)

describe('a blocked node', () => {
  const blocked = appError('NODE_BLOCKED')
  const network = task({ quote: { kind: 'network', microPerFrame: 1, feeBasisPoints: 1_000 } })
  test('gives work of the network back, with what is finished delivered first; own work goes on', () => {
    expect(plan(facts([view()], { blocked }))).toEqual([{ do: 'render', taskId: 'task-1' }])
    expect(plan(facts([view({ task: network, run: null })], { blocked }))).toEqual([{ do: 'take', taskId: 'task-1' }])
    expect(plan(facts([view({ task: network, activity: 'rendering' })], { blocked }))).toEqual([
      { do: 'stop', taskId: 'task-1', when: 'now' },
    ])
    const kept1 = withKept(newRun(network, 1), 1)
    expect(plan(facts([view({ task: network, run: kept1 })], { blocked }))).toEqual([{ do: 'upload', taskId: 'task-1' }])
    expect(plan(facts([view({ task: network })], { blocked }))).toEqual([
      { do: 'finish', taskId: 'task-1', outcome: 'released', error: blocked },
    ])
  })
})

describe('a lease that is over by this computer’s clock', () => {
  const over = task({ lease: { token: 1, issuedAt: 1, expiresAt: now - 1 } })
  test('costs nothing before the server has said its time: the clock may be a day ahead', () => {
    const unknown = { serverTimeKnown: false }
    expect(plan(facts([view({ task: over })], unknown))).toEqual([])
    expect(plan(facts([view({ task: over, fetched: false })], unknown))).toEqual([])
    // What is finished is brought home meanwhile.
    const all = withKept(newRun(over, 1), 1, 2, 3)
    expect(plan(facts([view({ task: over, run: all })], unknown))).toEqual([{ do: 'upload', taskId: 'task-1' }])
  })
  test('is lost when the server says so too', () => {
    expect(plan(facts([view({ task: over })]))).toMatchObject([{ do: 'finish', outcome: 'released', error: { code: 'LEASE_LOST' } }])
  })
})

describe('one task', () => {
  test('taken, fetched, rendered', () => {
    expect(plan(facts([view({ run: null })]))).toEqual([{ do: 'take', taskId: 'task-1' }])
    expect(plan(facts([view({ fetched: false })]))).toEqual([{ do: 'fetch', taskId: 'task-1' }])
    expect(plan(facts([view()]))).toEqual([{ do: 'render', taskId: 'task-1' }])
    expect(plan(facts([view({ activity: 'rendering' })]))).toEqual([])
  })
  test('delivered and reported when every frame is kept', () => {
    const all = withKept(newRun(task(), 1), 1, 2, 3)
    expect(plan(facts([view({ run: all })]))).toEqual([{ do: 'upload', taskId: 'task-1' }])
    const uploading = moveRun(all, 'uploading', 1)
    expect(plan(facts([view({ run: uploading })]))).toEqual([])
    const delivered = [1, 2, 3].reduce((run, frame) => frameDelivered(run, frame, { verdict: 'accepted' }, 1), uploading)
    expect(plan(facts([view({ run: delivered })]))).toEqual([{ do: 'finish', taskId: 'task-1', outcome: 'done', error: null }])
  })
  test('a lease that is over ends the render; kept frames are delivered first, then it is released', () => {
    const lost = task({ lease: { token: 1, issuedAt: 1, expiresAt: now } })
    expect(plan(facts([view({ task: lost, run: null })]))).toEqual([])
    expect(plan(facts([view({ task: lost, activity: 'rendering' })]))).toEqual([{ do: 'stop', taskId: 'task-1', when: 'now' }])
    const some = withKept(newRun(lost, 1), 1)
    expect(plan(facts([view({ task: lost, run: some })]))).toEqual([{ do: 'upload', taskId: 'task-1' }])
    const delivered = frameDelivered(moveRun(some, 'uploading', 1), 1, { verdict: 'superseded' }, 1)
    expect(plan(facts([view({ task: lost, run: delivered })]))).toMatchObject([
      { do: 'finish', outcome: 'released', error: { code: 'LEASE_LOST' } },
    ])
  })
  test('not started when its lease is over: given back without work', () => {
    const lost = task({ lease: { token: 1, issuedAt: 1, expiresAt: now - 1 } })
    expect(plan(facts([view({ task: lost })]))).toMatchObject([{ do: 'finish', outcome: 'released' }])
  })
  test('a task that was cancelled or completed by a faster copy is stopped', () => {
    const cancelled = task({ state: 'closed', closedAs: 'cancelled' })
    expect(plan(facts([view({ task: cancelled, activity: 'rendering' })]))).toMatchObject([{ do: 'stop', when: 'now' }])
    const completed = task({ state: 'closed', closedAs: 'completed' })
    expect(plan(facts([view({ task: completed, activity: 'rendering' })]))).toMatchObject([{ do: 'stop', when: 'now' }])
  })
  test('a failed one waits until it may be reported again', () => {
    const failed = { ...newRun(task(), 1), error: { code: 'SCENE_NO_CAMERA', message: '' } }
    expect(plan(facts([view({ run: failed, notBeforeMs: now + 5 })]))).toEqual([])
    expect(plan(facts([view({ run: failed })]))).toMatchObject([{ do: 'finish', outcome: 'failed', error: { code: 'SCENE_NO_CAMERA' } }])
  })
})

describe('pauses and holds', () => {
  const running = () => view({ activity: 'rendering', run: frameStarted(newRun(task(), 1), 1, 1) })
  test('now suspends and goes on', () => {
    expect(plan(facts([running()], { pause: 'now' }))).toEqual([{ do: 'suspend', taskId: 'task-1' }])
    expect(plan(facts([{ ...running(), activity: 'suspended' }], { pause: 'now' }))).toEqual([])
    expect(plan(facts([{ ...running(), activity: 'suspended' }]))).toEqual([{ do: 'resume', taskId: 'task-1' }])
  })
  test('after the frame: said once, and taken back when the pause ends first', () => {
    expect(plan(facts([running()], { pause: 'afterFrame' }))).toEqual([{ do: 'stop', taskId: 'task-1', when: 'afterFrame' }])
    expect(plan(facts([{ ...running(), activity: 'lastFrame' }], { pause: 'afterFrame' }))).toEqual([])
    expect(plan(facts([{ ...running(), activity: 'lastFrame' }]))).toEqual([{ do: 'resume', taskId: 'task-1' }])
  })
  test('after the task: begun work goes on, new work is not begun', () => {
    const other = view({ task: task({ id: 'task-2' }) })
    expect(plan(facts([running(), other], { pause: 'afterTask', renderSlots: 2 }))).toEqual([])
    expect(plan(facts([{ ...running(), activity: 'none' }, other], { pause: 'afterTask' }))).toEqual([{ do: 'render', taskId: 'task-1' }])
  })
  test('drain works on with what is held', () => {
    expect(plan(facts([view()], { pause: 'drain' }))).toEqual([{ do: 'render', taskId: 'task-1' }])
  })
  test('a hold suspends what runs and begins nothing', () => {
    expect(plan(facts([running()], { held: true }))).toEqual([{ do: 'suspend', taskId: 'task-1' }])
    expect(plan(facts([view(), view({ task: task({ id: 'task-2' }), fetched: false })], { held: true }))).toEqual([])
  })
})

test('begun work comes first, then the older; slots are never exceeded', () => {
  const old = view({ task: task({ id: 'task-old', createdAt: 1 }) })
  const begunTask = task({ id: 'task-begun', createdAt: 5 })
  const begun = view({ task: begunTask, run: withKept(newRun(begunTask, 1), 1) })
  expect(plan(facts([old, begun]))).toEqual([{ do: 'render', taskId: 'task-begun' }])
  expect(plan(facts([old, begun], { renderSlots: 2 })).map(({ taskId }) => taskId)).toEqual(['task-begun', 'task-old'])
})

/** A world of three tasks in which things happen in any order; actions are carried out as the runner does. */
interface Simulated {
  views: TaskView[]
  renders: Map<string, number>
}
const act = (world: Simulated, action: Action) => {
  const found = world.views.find((one) => one.task.id === action.taskId)
  if (found === undefined) throw new Error('an action for nobody')
  const run = found.run
  const set = (activity: Activity) => (found.activity = activity)
  const move = (to: Run['state']) => (found.run = moveRun(run ?? newRun(found.task, now), to, now))
  switch (action.do) {
    case 'take':
      expect(run).toBeNull()
      found.run = newRun(found.task, now)
      break
    case 'fetch':
      set('fetching')
      move('fetching')
      break
    case 'render':
      expect(found.fetched).toBe(true)
      set('rendering')
      move('rendering')
      break
    case 'suspend':
      set('suspended')
      move('paused')
      break
    case 'resume':
      set('rendering')
      move('rendering')
      break
    case 'stop':
      set(action.when === 'now' ? 'stopping' : 'lastFrame')
      break
    case 'upload':
      move('uploading')
      break
    case 'finish':
      found.run = moveRun(run ?? newRun(found.task, now), action.outcome, now)
  }
}
const happenings = ['fetched', 'frame', 'renderEnds', 'deliver', 'crash', 'cancel'] as const
const happen = (world: Simulated, index: number, what: (typeof happenings)[number]) => {
  const found = world.views[index % world.views.length]
  if (found?.run == null || isEnded(found.run.state)) return
  const isRendering = found.activity === 'rendering' || found.activity === 'lastFrame' || found.activity === 'stopping'
  if (what === 'fetched' && (found.activity === 'fetching' || found.activity === 'stopping')) {
    Object.assign(found, { activity: 'none', fetched: found.activity === 'fetching', run: moveRun(found.run, 'queued', now) })
  } else if (what === 'frame' && isRendering) {
    const [frame] = framesIn(found.run, 'queued')
    if (frame === undefined) return
    const key = `${found.task.id}/${frame}`
    world.renders.set(key, (world.renders.get(key) ?? 0) + 1)
    found.run = withKept(found.run, frame)
  } else if (what === 'renderEnds' && isRendering) {
    found.activity = 'none'
    found.run = moveRun(withoutFramesInProgress(found.run, now), 'queued', now)
  } else if (what === 'deliver') {
    const [frame] = framesIn(found.run, 'finished')
    if (frame !== undefined) found.run = frameDelivered(found.run, frame, { verdict: 'accepted' }, now)
  } else if (what === 'crash') {
    // The process dies: nothing runs any more, what is on disk stays.
    for (const one of world.views) {
      if (one.run === null || isEnded(one.run.state)) continue
      const waiting = withoutFramesInProgress(one.run, now)
      Object.assign(one, {
        activity: 'none',
        run: waiting.state === 'uploading' || waiting.state === 'queued' ? waiting : moveRun(waiting, 'queued', now),
      })
    }
  } else if (what === 'cancel') found.task = { ...found.task, state: 'closed', closedAs: 'cancelled' }
}

test('whatever happens: only allowed moves, no slot used twice, no kept frame rendered again, and in peace everything ends', () => {
  const step = fc.record({
    index: fc.nat(2),
    what: fc.constantFrom(...happenings),
    pause: fc.constantFrom('none', 'none', 'now', 'afterFrame', 'afterTask', 'drain'),
    held: fc.constantFrom(false, false, true),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const world: Simulated = {
        views: [0, 1, 2].map((n) => view({ task: task({ id: `task-${n}`, createdAt: n, frames: [1, 2] }), run: null, fetched: false })),
        renders: new Map(),
      }
      const turn = (change: Partial<Snapshot>) => {
        for (const action of plan(facts(world.views, change))) act(world, action)
        expect(world.views.filter(({ activity }) => ['rendering', 'lastFrame', 'suspended'].includes(activity)).length).toBeLessThanOrEqual(
          1,
        )
      }
      for (const { index, what, pause, held } of steps) {
        turn({ pause, held })
        happen(world, index, what)
      }
      for (let round = 0; round < 60; round += 1) {
        turn({})
        for (const what of ['fetched', 'frame', 'deliver'] as const) for (const index of [0, 1, 2]) happen(world, index, what)
        for (const [index, one] of world.views.entries())
          if (one.run !== null && framesIn(one.run, 'queued').length === 0) happen(world, index, 'renderEnds')
        for (const [index, one] of world.views.entries()) if (one.activity === 'stopping') happen(world, index, 'renderEnds')
      }
      expect(world.views.map(({ run, task: of }) => run === null || isEnded(run.state) || of.id)).toEqual([true, true, true])
      expect([...world.renders.values()].every((count) => count === 1)).toBe(true)
    }),
    { numRuns: 300 },
  )
})
