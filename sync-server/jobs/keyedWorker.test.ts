import { expect, it } from 'vitest'
import { quietLogger, realClock } from '../testing/plainParts.ts'
import { createKeyedWorker } from './keyedWorker.ts'

const parts = { name: 'test', log: quietLogger, clock: realClock }

it('folds requests, never runs a key twice at once, and a late request gets a run of its own', async () => {
  let active = 0
  let runs = 0
  let release: () => void = () => undefined
  const gate = new Promise<void>((resolve) => (release = resolve))
  const worker = createKeyedWorker({
    ...parts,
    concurrency: 4,
    run: async () => {
      active += 1
      expect(active).toBe(1)
      runs += 1
      if (runs === 1) await gate
      active -= 1
    },
  })
  const first = worker.request('a')
  const others = [worker.request('a'), worker.request('a'), worker.request('a')]
  release()
  await Promise.all([first, ...others])
  expect(runs).toBe(2)
  await worker.stop()
})

it('repeats what failed until it works', async () => {
  let runs = 0
  const worker = createKeyedWorker({
    ...parts,
    clock: { ...realClock, after: (_delayMs, callback) => realClock.after(1, callback) },
    concurrency: 1,
    run: async () => {
      runs += 1
      if (runs < 4) throw new Error('away')
    },
  })
  await worker.request('a')
  expect(runs).toBe(4)
  await worker.idle()
  await worker.stop()
})

it('stops without waiting for retries, and resolves who waits', async () => {
  const worker = createKeyedWorker({ ...parts, concurrency: 1, run: () => Promise.reject(new Error('never')) })
  const waiting = worker.request('a')
  await worker.stop()
  await waiting
})
