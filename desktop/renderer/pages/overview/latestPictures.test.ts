import { expect, it } from 'vitest'
import type { JobRow } from '../jobs/useJobs.ts'
import { latestPictures } from './latestPictures.ts'

const row = (id: string, accepted: number[], frames = [1, 2, 3, 4]): JobRow =>
  ({
    id,
    job: { id, name: id, frames, settings: {}, info: {} },
    state: { accepted: accepted.length, frames: Object.fromEntries(accepted.map((frame) => [frame, { state: 'accepted' }])) },
  }) as unknown as JobRow

it('takes the last frames of the newest jobs, and no more than asked for', () => {
  const pictures = latestPictures([row('new', [1, 3]), row('none', []), row('old', [1, 2, 4])], 4)
  expect(pictures.map(({ jobId, frame }) => `${jobId} ${frame}`)).toEqual(['new 3', 'new 1', 'old 4', 'old 2'])
})
it('shows nothing of a job the server has not seen', () => {
  expect(latestPictures([{ ...row('sent', []), state: null }], 4)).toEqual([])
})
