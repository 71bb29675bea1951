import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runStateSchema, type Run, type RunState } from '../collections/run.schema.ts'
import { canMove, isActive, isEnded, moveRun, runMoves } from './runState.ts'

const states = runStateSchema.options
const anyState = fc.constantFrom(...states)
const run = (state: RunState): Run => ({
  id: 'task-1',
  ownerId: 'owner-1',
  updatedAt: 1,
  nodeId: 'node-1',
  jobId: 'job-1',
  leaseToken: 1,
  state,
  createdAt: 1,
  frames: { '1': { state: 'queued', renders: 0 } },
  warnings: [],
})

test('the table knows every state, and nothing leaves an end', () => {
  expect(Object.keys(runMoves).sort()).toEqual([...states].sort())
  expect(states.filter(isEnded).sort()).toEqual(['done', 'failed', 'released'])
  for (const from of states) for (const to of states) if (isEnded(from)) expect(canMove(from, to)).toBe(false)
})

test('every state that is not an end can fail, be released, and reach done', () => {
  for (const from of states.filter((state) => !isEnded(state))) {
    expect(canMove(from, 'failed')).toBe(true)
    expect(canMove(from, 'released')).toBe(true)
    expect(reachable(from)).toContain('done')
  }
})

test('done is reached from uploading only: nothing is done before its frames are delivered', () => {
  expect(states.filter((from) => canMove(from, 'done'))).toEqual(['uploading'])
})

test('any walk along allowed moves keeps its first start, sets one end and changes nothing after it', () => {
  fc.assert(
    fc.property(fc.array(anyState, { maxLength: 40 }), (walk) => {
      let current = run('queued')
      let now = 1
      let firstStart: number | undefined
      for (const to of walk) {
        now += 1
        if (current.state === to) continue
        if (!canMove(current.state, to)) {
          expect(() => moveRun(current, to, now)).toThrow(RangeError)
          continue
        }
        expect(isEnded(current.state)).toBe(false)
        current = moveRun(current, to, now)
        if (isActive(to)) firstStart ??= now
        expect(current.startedAt).toBe(firstStart)
        expect(current.updatedAt).toBe(now)
        expect(current.finishedAt !== undefined).toBe(isEnded(to))
      }
      expect(current.frames).toEqual(run('queued').frames)
    }),
  )
})

function reachable(from: RunState): RunState[] {
  const seen = new Set<RunState>([from])
  const open = [from]
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (const to of runMoves[state]) {
      if (!seen.has(to)) open.push(to)
      seen.add(to)
    }
  }
  return [...seen]
}
