import { expect, test, vi } from 'vitest'
import { ok, type Result } from '#shared/result.ts'
import { manualClock } from '../testing/manualClock.ts'
import { quietLog } from '../testing/quietLog.ts'
import { scriptedGateway } from '../testing/scriptedGateway.ts'
import { startWorkBuffer, type WorkRequest } from './workBuffer.ts'

const request: WorkRequest = {
  kinds: ['blender'],
  blenderVersions: ['3.4'],
  engines: ['CYCLES'],
  denoisers: [],
  vramMiB: 0,
  heldMs: 0,
  bufferMs: 1_800_000,
  slots: 1,
  holding: [],
}

function setUp() {
  const clock = manualClock()
  const gateway = scriptedGateway()
  const state = { wanted: request as WorkRequest | null, answer: { taskIds: [] as string[], retryAfterMs: 10_000 }, asked: 0 }
  gateway.call = async (name) => {
    expect(name).toBe('work.request')
    state.asked += 1
    return ok(state.answer) as Result<never>
  }
  const buffer = startWorkBuffer({ nodeId: 'node-1', gateway, clock, log: quietLog, wanted: () => state.wanted, random: () => 0 })
  const settled = async (ms = 0) => {
    clock.advance(ms)
    await vi.waitFor(() => Promise.resolve())
    await new Promise((resolve) => setImmediate(resolve))
    return state.asked
  }
  return { clock, gateway, state, buffer, settled }
}

test('asks, waits as long as it was told, and ever longer while there is nothing', async () => {
  const { buffer, settled } = setUp()
  buffer.wake()
  expect(await settled()).toBe(1)
  expect(await settled(9_000)).toBe(1)
  expect(await settled(1_000)).toBe(2)
  expect(await settled(10_000)).toBe(2)
  expect(await settled(10_000)).toBe(3)
  // Never longer than five minutes.
  for (let round = 0; round < 10; round += 1) await settled(300_000)
  const before = await settled()
  expect(await settled(300_000)).toBe(before + 1)
})

test('a hint that there is work is followed at once', async () => {
  const { buffer, gateway, settled } = setUp()
  buffer.wake()
  await settled()
  gateway.hint('work/node-1')
  expect(await settled(250)).toBe(2)
})

test('a hint that comes while an answer is on its way is not lost: the answer may be older than the work', async () => {
  const { buffer, gateway, state, settled } = setUp()
  let answer = () => undefined as void
  const slow = gateway.call.bind(gateway)
  gateway.call = async (name, input) => {
    await new Promise<void>((resolve) => (answer = resolve))
    return slow(name, input)
  }
  buffer.wake()
  await settled()
  gateway.hint('work/node-1')
  answer()
  await settled()
  expect(state.asked).toBe(1)
  await settled(250)
  answer()
  expect(await settled()).toBe(2)
})

test('nothing is asked while nothing is wanted or the line is down; its return is a reason to ask', async () => {
  const { buffer, gateway, state, settled } = setUp()
  state.wanted = null
  buffer.wake()
  expect(await settled(60_000)).toBe(0)
  state.wanted = request
  gateway.setLive(false)
  buffer.wake()
  expect(await settled(60_000)).toBe(0)
  gateway.setLive(true)
  expect(await settled(250)).toBe(1)
})

test('a task that ended is a reason to ask sooner than was agreed', async () => {
  const { buffer, state, settled } = setUp()
  state.wanted = { ...request, holding: ['task-1'] }
  state.answer = { taskIds: ['task-2'], retryAfterMs: 60_000 }
  buffer.wake()
  expect(await settled(1_000)).toBe(1)
  state.wanted = { ...request, holding: [] }
  buffer.wake()
  expect(await settled(0)).toBe(2)
})

test('stopped, it asks no more', async () => {
  const { buffer, settled } = setUp()
  buffer.wake()
  await settled()
  buffer.stop()
  expect(await settled(600_000)).toBe(1)
})
