import { expect, test, vi } from 'vitest'
import type { EngineEvent } from './engine.ts'
import { createEventQueue } from './eventQueue.ts'

const drain = async (iterator: AsyncIterator<EngineEvent>) => {
  const events: EngineEvent[] = []
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) events.push(next.value)
  return events
}

test('a slow reader gets the newest progress, every frame, and bounded log lines', async () => {
  const queue = createEventQueue(() => undefined)
  for (let sample = 1; sample <= 50; sample += 1) queue.push({ type: 'progress', frame: 1, sample })
  queue.push({ type: 'frameSaved', frame: 1, path: '/1', renderMs: 1, expectation: { frame: 1 } })
  for (let line = 0; line < 10_000; line += 1) queue.push({ type: 'log', line: String(line), stream: 'stdout' })
  queue.push({ type: 'finished', framesSaved: 1 })
  queue.close()
  const events = await drain(queue.iterate())
  expect(events[0]).toEqual({ type: 'progress', frame: 1, sample: 50 })
  expect(events[1]).toMatchObject({ type: 'frameSaved' })
  expect(events.at(-1)).toMatchObject({ type: 'finished' })
  expect(events.length).toBeLessThan(2_100)
  expect(events.at(-2)).toMatchObject({ line: '9999' })
})

test('a waiting reader is woken; leaving early tells the producer', async () => {
  const abandoned = vi.fn()
  const queue = createEventQueue(abandoned)
  const iterator = queue.iterate()
  const next = iterator.next()
  queue.push({ type: 'frameStarted', frame: 4 })
  expect(await next).toEqual({ done: false, value: { type: 'frameStarted', frame: 4 } })
  await iterator.return?.()
  expect(abandoned).toHaveBeenCalledOnce()
})
