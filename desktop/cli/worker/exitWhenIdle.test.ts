import { expect, it } from 'vitest'
import { ok } from '#shared/result.ts'
import { exitWhenIdle } from './exitWhenIdle.ts'

/** A clock that is moved by hand, and lets what waits for an answer go on. */
function handClock() {
  let now = 0
  let timers: { at: number; run: () => void }[] = []
  return {
    clock: {
      now: () => now,
      monotonicMs: () => now,
      after(ms: number, run: () => void) {
        const timer = { at: now + ms, run }
        timers.push(timer)
        return () => void (timers = timers.filter((each) => each !== timer))
      },
    },
    move: async (ms: number) => {
      for (const until = now + ms; now < until; now += 1_000) {
        await new Promise((resolve) => setImmediate(resolve))
        for (const timer of timers.filter(({ at }) => at <= now + 1_000)) {
          timers = timers.filter((each) => each !== timer)
          timer.run()
        }
      }
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

it('ends when the work is done, delivered, and the server has no more; not before', async () => {
  const { clock, move } = handClock()
  const busy = { held: 1, waiting: 0, serverEmpty: false }
  const ended: string[] = []
  exitWhenIdle({ whenDone: true, afterIdleMs: null, askNode: async () => ok({ ...busy }), clock, onIdle: (why) => ended.push(why) })
  await move(20_000)
  Object.assign(busy, { held: 0, waiting: 2, serverEmpty: true })
  await move(20_000)
  Object.assign(busy, { waiting: 0, serverEmpty: false })
  await move(600_000)
  expect(ended).toEqual([])
  busy.serverEmpty = true
  await move(4_000)
  expect(ended).toEqual(['done'])
  await move(20_000)
  expect(ended).toHaveLength(1)
})

it('ends after the idle minutes, counted anew after each piece of work, and never after it was stopped', async () => {
  const { clock, move } = handClock()
  const busy = { held: 0, waiting: 0, serverEmpty: true }
  const ended: string[] = []
  const options = { whenDone: false, afterIdleMs: 60_000, askNode: async () => ok({ ...busy }), clock }
  exitWhenIdle({ ...options, onIdle: (why) => ended.push(why) })
  exitWhenIdle({ ...options, onIdle: () => ended.push('stopped') })()
  await move(50_000)
  busy.held = 1
  await move(4_000)
  busy.held = 0
  await move(50_000)
  expect(ended).toEqual([])
  await move(20_000)
  expect(ended).toEqual(['idle'])
})
