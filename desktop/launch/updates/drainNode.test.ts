import { expect, it, vi } from 'vitest'
import { appError } from '#shared/errors/appError.ts'
import type { JsonObject, JsonValue } from '#shared/json.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { createNodeDrain } from './drainNode.ts'

/** Time passes as fast as it is waited for. */
function setUp(answer: (name: string) => Result<JsonValue>, isOver = () => false) {
  let now = 1_000
  const clock: Clock = {
    now: () => now,
    monotonicMs: () => now,
    after(delayMs, callback) {
      now += delayMs
      queueMicrotask(callback)
      return () => undefined
    },
  }
  const log: Logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn(), child: () => log }
  const asked: [string, JsonObject][] = []
  const askNode = async (name: string, input: JsonObject) => {
    asked.push([name, input])
    return answer(name)
  }
  return { ...createNodeDrain({ askNode, isOver, clock, log }), asked, names: () => asked.map(([name]) => name) }
}

it('waits for the frame in progress and cuts nothing', async () => {
  let frames = 3
  const node = setUp(() => ok({ rendering: (frames -= 1) }))
  await node.drain(60_000)
  expect(node.asked).toEqual(Array(3).fill(['node.drain', { untilMs: 60_000 }]))
})

it('cuts the frame at the deadline, with the reason that the node remembers', async () => {
  const node = setUp(() => ok({ rendering: 1 }))
  await node.drain(5_000)
  expect(node.names()).toEqual([...Array<string>(5).fill('node.drain'), 'node.cut'])
  expect(node.asked.at(-1)).toEqual(['node.cut', { code: 'FORCED_UPDATE' }])
})

it('asks again while the node is being started anew', async () => {
  let tries = 0
  const node = setUp(() => ((tries += 1) < 3 ? err(appError('PROCESS_FAILED', { name: 'runtime', reason: 'down' })) : ok({ rendering: 0 })))
  await node.drain(60_000)
  expect(node.names()).toEqual(Array(3).fill('node.drain'))
})

it('cuts nothing once it is over, and lets work go on', async () => {
  const node = setUp(
    () => ok({ rendering: 1 }),
    () => true,
  )
  await node.drain(0)
  node.undrain()
  expect(node.asked).toEqual([
    ['node.drain', { untilMs: 0 }],
    ['node.drain', { untilMs: null }],
  ])
})
