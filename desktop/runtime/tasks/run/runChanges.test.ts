import { expect, test } from 'vitest'
import { verdictSchema } from '#shared/collections/task.schema.ts'
import { makeTask } from '../../testing/tasks.ts'
import { frameDelivered, frameKept, frameStarted, newRun } from './runChanges.ts'

const picture = { sha256: 'a'.repeat(64), sizeBytes: 10, format: 'PNG', width: 4, height: 4, renderMs: 5 }

test('a late word that a frame began changes nothing once it is kept or delivered', () => {
  const started = frameStarted(newRun(makeTask({ frames: [1, 2] }), 1), 1, 2)
  expect(started.frames['1']).toMatchObject({ state: 'rendering', renders: 1 })
  expect(frameStarted(started, 1, 3)).toBe(started)
  const kept = frameKept(started, 1, picture, 4)
  expect(frameStarted(kept, 1, 5)).toBe(kept)
  const delivered = frameDelivered(kept, 1, verdictSchema.parse({ verdict: 'accepted', at: 6 }), 6)
  expect(frameStarted(delivered, 1, 7)).toBe(delivered)
  expect(delivered.frames).toMatchObject({ '1': { state: 'delivered', renders: 1 }, '2': { state: 'queued', renders: 0 } })
})
