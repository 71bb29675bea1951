import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { afterEach, expect, test } from 'vitest'
import { createCouchConnection } from './couchConnection.ts'

/** A store in a thread of its own, which goes on while this one is busy: when told, it closes every connection that is not used and says so in `done`. */
const storeScript = `
  const { createServer } = require('node:http')
  const { parentPort, workerData } = require('node:worker_threads')
  const server = createServer((request, response) => {
    request.resume()
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ method: request.method }))
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
  parentPort.on('message', () => {
    const told = () => {
      Atomics.store(workerData, 0, 1)
      Atomics.notify(workerData, 0)
    }
    const left = () => server.getConnections((_error, count) => (count === 0 ? setTimeout(told, 20) : setTimeout(left, 5)))
    server.closeIdleConnections()
    left()
  })
`
let store: Worker | null = null
afterEach(async () => {
  await store?.terminate()
})

test('what is only read is asked for again when the store had closed the unused connection while this process was busy', async () => {
  const done = new Int32Array(new SharedArrayBuffer(4))
  store = new Worker(storeScript, { eval: true, workerData: done })
  const [port] = (await once(store, 'message')) as [number]
  const target = { url: `http://127.0.0.1:${port}`, authorization: null }
  const connection = createCouchConnection(() => target)
  const ask = async () => (await connection.request({ path: 'one' })).body
  /** Right after an answer, as when an index is built anew: what is asked next goes out before anything is heard. */
  function closeUnused(): void {
    Atomics.store(done, 0, 0)
    store?.postMessage(null)
    expect(Atomics.wait(done, 0, 0, 20_000)).not.toBe('timed-out')
  }
  // One at a time, but the connection of the last answer is not free yet when the next is asked: two are kept.
  for (let asked = 0; asked < 3; asked += 1) expect(await ask()).toEqual({ method: 'GET' })
  closeUnused()
  expect(await ask()).toEqual({ method: 'GET' })
})
