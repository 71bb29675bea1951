import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ok } from '#shared/result.ts'
import { openTransfers } from '../testing/openTransfers.ts'
import { manualClock, type ManualClock } from '../testing/manualClock.ts'
import { quietLog } from '../testing/quietLog.ts'
import { scriptedGateway } from '../testing/scriptedGateway.ts'
import { startConnectionSpeed, type ConnectionSpeed } from './connectionSpeed.ts'

let server: Server
let asked: string[]
let status: number
let clock: ManualClock
let facts: Map<string, string>
let running: ConnectionSpeed[]
let metered: boolean | null
let busy: boolean
let onMeasured: () => void

beforeEach(async () => {
  asked = []
  status = 200
  clock = manualClock(1_800_000_000_000)
  facts = new Map()
  running = []
  metered = null
  busy = false
  onMeasured = () => undefined
  // The clock moves with the bytes, so that what is measured does not depend on how busy this computer is: 1 MiB/s down, 0.5 MiB/s up.
  server = createServer((request, response) => {
    void (async () => {
      const bytes = Number(new URL(request.url ?? '/', 'http://x').searchParams.get('bytes') ?? 0)
      asked.push(`${request.method ?? ''} ${bytes}`)
      if (status !== 200) return void response.writeHead(status).end()
      let sent = 0
      for await (const chunk of request as AsyncIterable<Buffer>) sent += chunk.length
      if (request.method === 'POST') clock.advance((sent / (512 * 1024)) * 1_000)
      response.writeHead(200, { 'content-length': bytes })
      if (bytes === 0) return void response.end()
      // Time passes only when the client has begun to measure, at the first byte.
      const begun = new Promise<void>((resolve) => (onMeasured = resolve))
      response.write('x')
      await begun
      clock.advance((bytes / (1024 * 1024)) * 1_000)
      response.end(Buffer.alloc(bytes - 1))
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  running.forEach((one) => one.stop())
  server.closeAllConnections()
  server.close()
})

function start() {
  const gateway = scriptedGateway()
  gateway.access = () => Promise.resolve(ok({ serverUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 't' }))
  const speed = startConnectionSpeed({
    clock: { ...clock, monotonicMs: () => (onMeasured(), clock.monotonicMs()) },
    ...{ gateway, serverNow: () => clock.now(), log: quietLog, transfers: openTransfers },
    metered: () => Promise.resolve(metered),
    busy: () => busy,
    local: { readFact: (key) => facts.get(key) ?? null, writeFact: (key, value) => void facts.set(key, value) },
  })
  running.push(speed)
  return { gateway, speed }
}
/** Whatever was begun gets its turn; nothing should have been. */
const settle = async () => {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
}

test('measures a minute after the line came up, with as little as says something, and then once a day', async () => {
  const { speed } = start()
  const changed = vi.fn()
  speed.onChange(changed)
  expect(speed.current()).toBeNull()
  clock.advance(60_001)
  await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1))
  const found = speed.current()
  // 64 KiB took 63 ms, which says little; 256 KiB took 250 ms, 1 MiB a second.
  expect(asked.filter((one) => one.startsWith('GET'))).toEqual(['GET 65536', 'GET 262144', 'GET 1048576'])
  expect(found).toMatchObject({ downKbps: 8_389, upKbps: 4_194 })
  // A restart knows it, and does not measure again before its time.
  const before = asked.length
  const again = start()
  expect(again.speed.current()).toEqual(found)
  clock.advance(3_600_000)
  await settle()
  expect(asked.length).toBe(before)
})

test('never on a metered line, not while files travel, and not where the server has no such address', async () => {
  metered = true
  const { speed } = start()
  clock.advance(60_001)
  await settle()
  metered = false
  busy = true
  clock.advance(3_600_001)
  await settle()
  expect(asked).toEqual([])
  busy = false
  status = 404
  clock.advance(60_001)
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  await settle()
  expect(speed.current()).toBeNull()
  status = 200
  clock.advance(3_600_001)
  await vi.waitFor(() => expect(speed.current()).not.toBeNull())
})
