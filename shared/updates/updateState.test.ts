import { describe, expect, it } from 'vitest'
import { appError } from '../errors/appError.ts'
import { initialUpdateState, nextUpdateState, type UpdateEvent, type UpdateState } from './updateState.ts'

const release = { version: '1.1.0', releaseNotes: null }
const problem = appError('UPDATE_DAMAGED', { version: '1.1.0' })
const events: UpdateEvent[] = [
  { kind: 'enable' },
  { kind: 'disable', reason: 'switchedOff' },
  { kind: 'check' },
  { kind: 'nothing', at: 1 },
  { kind: 'found', release },
  { kind: 'failed', at: 1, problem },
  { kind: 'refused', at: 1, problem },
  { kind: 'download' },
  { kind: 'progress', percent: 40 },
  { kind: 'downloaded' },
  { kind: 'drain', deadlineAt: 9 },
  { kind: 'drained' },
  { kind: 'vetoed' },
]
const states: UpdateState[] = [
  { name: 'disabled', reason: 'noKey' },
  initialUpdateState,
  { name: 'checking' },
  { name: 'available', release, problem: null },
  { name: 'downloading', release, percent: 10 },
  { name: 'downloaded', release, problem: null },
  { name: 'draining', release, deadlineAt: 9 },
  { name: 'restarting', release },
]

describe('every move of the machine', () => {
  // What is not in the table is not allowed.
  const moves: Record<UpdateState['name'], Partial<Record<UpdateEvent['kind'], UpdateState['name']>>> = {
    disabled: { enable: 'idle', disable: 'disabled' },
    idle: { disable: 'disabled', check: 'checking' },
    checking: { disable: 'disabled', found: 'available', nothing: 'idle', failed: 'idle', refused: 'idle' },
    available: { disable: 'disabled', download: 'downloading', check: 'checking', refused: 'idle' },
    downloading: { disable: 'disabled', progress: 'downloading', downloaded: 'downloaded', failed: 'available', refused: 'idle' },
    downloaded: { disable: 'disabled', drain: 'draining', check: 'checking', refused: 'idle' },
    draining: { disable: 'disabled', drained: 'restarting', vetoed: 'downloaded', failed: 'downloaded', refused: 'idle' },
    restarting: { vetoed: 'downloaded', failed: 'downloaded', refused: 'idle' },
  }
  it.each(states.flatMap((state) => events.map((event) => [state, event] as const)))('$0.name on $1.kind', (state, event) => {
    expect(nextUpdateState(state, event)?.name ?? null).toBe(moves[state.name][event.kind] ?? null)
  })
})

it('never reaches the restart without a download, a drain and its end', () => {
  for (const state of states)
    for (const event of events)
      if (nextUpdateState(state, event)?.name === 'restarting') expect([state.name, event.kind]).toEqual(['draining', 'drained'])
})

it('says why it is idle again, and keeps the release when only the line was cut', () => {
  expect(nextUpdateState({ name: 'checking' }, { kind: 'refused', at: 5, problem })).toEqual({ name: 'idle', checkedAt: 5, problem })
  expect(nextUpdateState({ name: 'downloading', release, percent: 10 }, { kind: 'failed', at: 5, problem })).toEqual({
    name: 'available',
    release,
    problem,
  })
})

it('never lets progress go back or beyond the end', () => {
  const at = (percent: number) => nextUpdateState({ name: 'downloading', release, percent: 50 }, { kind: 'progress', percent })
  expect(at(20)).toMatchObject({ percent: 50 })
  expect(at(150)).toMatchObject({ percent: 100 })
})
