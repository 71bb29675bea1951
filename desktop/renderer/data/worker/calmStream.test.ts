import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { RxStreamItem } from '#shared/sync/replication.ts'
import { createCalmStream } from './calmStream.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const change = (id: string, turn: number): RxStreamItem => ({ documents: [{ id, turn }], checkpoint: { turn } })

it('passes a single change on at once, joins those of a burst, and keeps the newest version of each document', async () => {
  const passed: RxStreamItem[] = []
  const stream = createCalmStream(
    async (item) => void passed.push(item),
    () => false,
  )
  stream.add(change('a', 1))
  expect(passed).toEqual([change('a', 1)])
  stream.add(change('a', 2))
  stream.add(change('b', 3))
  stream.add(change('a', 4))
  expect(passed).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(passed[1]).toEqual({
    documents: [
      { id: 'a', turn: 4 },
      { id: 'b', turn: 3 },
    ],
    checkpoint: { turn: 4 },
  })
  stream.stop()
})

it('passes a resync on at once, after what waits', async () => {
  const passed: RxStreamItem[] = []
  const stream = createCalmStream(
    async (item) => void passed.push(item),
    () => false,
  )
  stream.add(change('a', 1))
  stream.add(change('a', 2))
  stream.add('RESYNC')
  expect(passed.at(-1)).toBe('RESYNC')
  expect(passed).toHaveLength(3)
  await vi.advanceTimersByTimeAsync(20_000)
  expect(passed).toHaveLength(3)
})

it('waits longer while nobody looks, and passes nothing on after its end', async () => {
  const passed: RxStreamItem[] = []
  const stream = createCalmStream(
    async (item) => void passed.push(item),
    () => true,
  )
  stream.add(change('a', 1))
  stream.add(change('a', 2))
  await vi.advanceTimersByTimeAsync(5_000)
  expect(passed).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(5_000)
  expect(passed).toHaveLength(2)
  stream.add(change('a', 3))
  stream.stop()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(passed).toHaveLength(2)
})

it('passes nothing on while the last is being taken in, and then what is newest', async () => {
  const passed: RxStreamItem[] = []
  const taken: (() => void)[] = []
  const stream = createCalmStream(
    (item) => {
      passed.push(item)
      return new Promise((resolve) => taken.push(resolve))
    },
    () => false,
  )
  stream.add(change('a', 1))
  for (let turn = 2; turn < 100; turn += 1) {
    stream.add(change('a', turn))
    await vi.advanceTimersByTimeAsync(1_000)
  }
  expect(passed).toHaveLength(1)
  taken[0]?.()
  await vi.advanceTimersByTimeAsync(0)
  expect(passed).toEqual([change('a', 1), change('a', 99)])
  stream.stop()
})
