import { describe, expect, it } from 'vitest'
import { renderPhases } from '#shared/sync/live.ts'
import { en } from '../../words/en.ts'
import type { TaskProgress } from '../workers/taskProgress.ts'
import { frameLine } from './frameLine.ts'

const working: TaskProgress = {
  ...{ taskId: 't', jobId: 'j', jobName: 'Kitchen', fraction: 0.4, frame: 3, framesDone: 2, framesTotal: 5, elapsedMs: 1, remainingMs: 1 },
  ...{ sample: 12, samples: 64, frameFraction: 0.5, state: 'rendering', phase: 'sampling', live: true },
}
const said = (change: Partial<TaskProgress>, upscaled = false) => {
  const { key, values } = frameLine({ ...working, ...change }, upscaled, (fraction) => `${fraction * 100} %`)
  return [key.replace('computer.doing.', ''), values]
}

describe('frameLine', () => {
  it('counts samples where they are counted, and claims nothing else', () => {
    expect(said({})).toEqual(['sampling', { sample: 12, samples: 64 }])
    expect(said({ sample: null, samples: null, phase: null })).toEqual(['rendering', {}])
    expect(said({ state: null, frame: null })).toEqual(['beginning', {}])
  })
  it('says what is done before and after the samples', () => {
    expect(said({ phase: 'kernels' })).toEqual(['kernels', {}])
    expect(said({ state: 'fetching', frame: null })).toEqual(['fetching', { job: 'Kitchen' }])
    expect(said({ state: 'uploading' })).toEqual(['uploading', {}])
    expect(said({ phase: null }, true)).toEqual(['upscaling', { percent: '50 %' }])
  })
  it('has words for each of them', () => {
    const names = [...renderPhases, 'fetching', 'uploading', 'beginning', 'rendering', 'upscaling']
    expect(Object.keys(en.computer.doing)).toEqual(expect.arrayContaining(names))
  })
})
