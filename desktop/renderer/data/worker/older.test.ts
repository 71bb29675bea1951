import { expect, it } from 'vitest'
import { dashboardWindows } from '#shared/sync/windows.ts'
import { archivedInput, olderInput, readOlder, type Older } from './older.ts'

it('asks the peer only for what the page may not hold', () => {
  expect(olderInput('workers', { selector: { id: 'node-1' } })).toBeNull()
  expect(olderInput('tasks', { selector: { id: 'task-1' } })).toEqual({ collection: 'tasks', ids: ['task-1'] })
  expect(olderInput('runs', { selector: { nodeId: 'node-1', state: 'paused' } })).toEqual({ collection: 'runs', nodeId: 'node-1' })
  expect(olderInput('earnings', { selector: { jobId: 'job-1' } })).toEqual({ collection: 'earnings', jobId: 'job-1' })
  expect(olderInput('rollups', { selector: { nodeId: null } })).toBeNull()
  const { newest = 0 } = dashboardWindows.earnings ?? {}
  expect(olderInput('earnings', { limit: newest })).toBeNull()
  expect(olderInput('earnings', { limit: newest + 1 })).toEqual({ collection: 'earnings' })
})

const documents = Array.from({ length: 2_500 }, (_, index) => ({ id: `e-${String(9_999 - index)}`, createdAt: 9_999 - index }))
/** Answers like the gateway: the newest before a place. */
function peer(failsAfter = Number.POSITIVE_INFINITY) {
  const asked: unknown[] = []
  const older: Older = {
    async page({ before, limit }) {
      asked.push(before)
      if (asked.length > failsAfter) return null
      const rest = before === undefined ? documents : documents.filter(({ createdAt }) => createdAt < before.at)
      return { documents: rest.slice(0, limit), more: rest.length > limit }
    },
    onLive: () => () => undefined,
  }
  return { older, asked }
}

it('reads page by page, each from where the last one ended, until there are enough or no more', async () => {
  const read: string[] = []
  const take = (page: { id: string }[]): void => void read.push(...page.map(({ id }) => id))
  expect(await readOlder(peer().older, { collection: 'earnings' }, () => false, take)).toBe(true)
  expect(read).toEqual(documents.map(({ id }) => id))
  const { older, asked } = peer()
  expect(await readOlder(older, { collection: 'earnings' }, (count) => count >= 1_500, take)).toBe(true)
  expect(asked).toHaveLength(2)
})

it('says when the line broke, so that it is asked again', async () => {
  expect(
    await readOlder(
      peer(1).older,
      { collection: 'earnings' },
      () => false,
      () => undefined,
    ),
  ).toBe(false)
})

it('asks beside a runtime for what is put away only', () => {
  expect(archivedInput('runs', { selector: { nodeId: 'node-1' } })).toEqual({ collection: 'runs', nodeId: 'node-1' })
  expect(archivedInput('jobs', { selector: { id: 'job-1' } })).toEqual({ collection: 'jobs', ids: ['job-1'] })
  expect(archivedInput('earnings', { selector: { jobId: 'job-1' } })).toBeNull()
  expect(archivedInput('rollups', { selector: { nodeId: 'node-1' } })).toBeNull()
})
