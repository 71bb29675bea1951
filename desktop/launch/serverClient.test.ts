import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { limits } from '#shared/sync/protocol.ts'
import { serverClient } from './serverClient.ts'

/** Pages as a server may cut them: by rows (which says nothing), by bytes (which says that there is more), and the last one. */
const pages = [
  { rows: limits.batchRows, more: false },
  { rows: 3, more: true },
  { rows: 2, more: false },
]
let asked = 0
let server: Server
let url = ''

beforeAll(async () => {
  server = createServer((_request, response) => {
    const page = pages[asked] ?? { rows: 0, more: false }
    const documents = Array.from({ length: page.rows }, (_, index) => ({
      ...{
        id: `notice-${asked}-${index}`,
        ownerId: 'owner-a',
        nodeId: 'node-a',
        updatedAt: 1,
        at: 1,
        code: 'X',
        severity: 'info',
        details: {},
      },
    }))
    asked += 1
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ ok: true, value: { documents, checkpoint: { asked }, more: page.more } }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

test('all documents are read, however the server cuts its pages', async () => {
  expect(await serverClient(url).documents('notices')).toHaveLength(limits.batchRows + 5)
  expect(asked).toBe(3)
})
