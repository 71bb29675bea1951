import { describe, expect, it } from 'vitest'
import type { Job, JobState } from '#shared/collections/job.schema.ts'
import type { Run } from '#shared/collections/run.schema.ts'
import { countFrames, groupFrames, shownFrames } from './frameStates.ts'

const job = { frames: [1, 2, 3, 4, 5, 6] } as Job
const state = {
  frames: {
    '1': { state: 'accepted', nodeId: 'node-a' },
    '2': { state: 'failed', error: { code: 'FRAME_WRONG_SIZE', message: 'wrong' } },
    '3': { state: 'assigned' },
    '4': { state: 'assigned' },
  },
} as unknown as JobState
const run = (extra: object): Run => ({ nodeId: 'node-b', state: 'rendering', frames: {}, ...extra }) as unknown as Run

describe('shownFrames', () => {
  it('takes the server’s word for settled frames, and the run’s for open ones', () => {
    const frames = shownFrames(job, state, [
      run({ frames: { '1': { state: 'finished' }, '3': { state: 'finished' }, '4': { state: 'rendering' } } }),
    ])
    expect(frames.map((frame) => frame.state)).toEqual(['accepted', 'rejected', 'waiting', 'rendering', 'queued', 'queued'])
    expect(frames[1]?.error?.code).toBe('FRAME_WRONG_SIZE')
    expect(frames[2]?.nodeId).toBe('node-b')
  })
  it('does not show a frame as rendering when its run stopped', () => {
    const frames = shownFrames(job, null, [run({ state: 'failed', frames: { '4': { state: 'rendering' }, '5': { state: 'finished' } } })])
    expect(frames.map((frame) => frame.state)).toEqual(['queued', 'queued', 'queued', 'queued', 'waiting', 'queued'])
  })
  it('shows a job whose state has not arrived as waiting', () => {
    expect(countFrames(shownFrames(job, null, []))).toMatchObject({ queued: 6, accepted: 0 })
  })
})

describe('groupFrames', () => {
  const frames = shownFrames(job, state, [])
  it('gives each frame a cell while there is room', () => {
    expect(groupFrames(frames, 10)).toHaveLength(6)
  })
  it('joins frames when there is none, and never hides a rejected one', () => {
    const groups = groupFrames(frames, 2)
    expect(groups).toHaveLength(2)
    expect(groups[0]).toMatchObject({ from: 1, to: 3, state: 'rejected' })
    expect(groups.flatMap((group) => group.frames)).toHaveLength(6)
  })
})
