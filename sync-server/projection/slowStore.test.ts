import { afterEach, beforeEach, expect, test } from 'vitest'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { CouchConnection } from '../store/couchConnection.ts'
import type { CouchDatabases } from '../store/couchDatabases.ts'
import { openTestProjection, type TestProjection } from '../testing/openTestProjection.ts'
import { quietLog, realClock } from '../testing/testTools.ts'
import { createChangeFeed } from './changeFeed.ts'

let at: TestProjection
beforeEach(() => {
  at = openTestProjection({ ownerId: 'owner-1', collection: 'notices' })
})
afterEach(() => at.remove())

const documents = Array.from({ length: 3_500 }, (_, index) => ({ _id: `notice-${String(index).padStart(5, '0')}`, _rev: '1-a', at: index }))

/** A store that is busy: `isLate` says of which request of a page no answer comes in time. */
function feedOf(isLate: (request: number) => boolean) {
  let requests = 0
  const connection: CouchConnection = {
    async request({ query }) {
      requests += 1
      if (isLate(requests))
        throw new AppErrorException(appError('SERVER_STORE_UNREACHABLE', { reason: 'no answer in time', timedOut: true }))
      const since = Number(query?.['since'] ?? 0)
      const page = documents.slice(since, since + Number(query?.['limit']))
      const results = page.map((doc, index) => ({ seq: since + index + 1, id: doc._id, changes: [{ rev: doc._rev }], doc }))
      return { status: 200, body: { results, last_seq: since + page.length, pending: documents.length - since - page.length } }
    },
  }
  // Safe: a feed asks for a path, and for a database that is not there.
  const databases = { path: () => '/notices', ensure: async () => undefined } as unknown as CouchDatabases
  return createChangeFeed(at.database, {
    connection,
    databases,
    projection: at.projection,
    singleWriter: true,
    log: quietLog,
    clock: realClock,
  })
}

test('a large database is read to its end from a store whose answers are late now and then', async () => {
  const feed = feedOf((request) => request % 4 !== 0)
  await feed.fresh()
  expect(at.projection.scanPage(at.database, '', 10_000)).toHaveLength(documents.length)
  await feed.stop()
})

test('a store that does not answer any more is said to be so, and the next reader goes on from where it stopped', async () => {
  let isGone = false
  const feed = feedOf((request) => (isGone ||= request === 3))
  await expect(feed.fresh()).rejects.toMatchObject({ error: { code: 'SERVER_STORE_UNREACHABLE' } })
  expect(at.projection.scanPage(at.database, '', 10_000)).toHaveLength(2_000)
  await feed.stop()
})
