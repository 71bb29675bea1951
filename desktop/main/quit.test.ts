import { expect, it, vi } from 'vitest'
import type { NodeLook } from '#shared/api/runtimeAsks.ts'
import { ok } from '#shared/result.ts'
import { createFinishWork } from './finishWork.ts'
import type { NodeWatch } from './nodeWatch.ts'
import { askToQuit } from './quit.ts'
import type { ShellMemory } from './settings/settings.store.ts'
import { en } from './words/en.ts'

const dialog = vi.hoisted(() => ({ response: 0, shown: [] as string[][] }))
vi.mock('electron', () => ({
  dialog: {
    showMessageBox: ({ buttons }: { buttons: string[] }) => {
      dialog.shown.push(buttons)
      return Promise.resolve({ response: dialog.response })
    },
  },
}))

/** A node whose task ends after so many looks. */
function setUp({ looks, code = 'RENDERING' }: { looks: number; code?: string }) {
  const asked: string[] = []
  const remembered: boolean[] = []
  let paused = false
  let left = looks
  const look = (): NodeLook => ({
    ...{ status: 'processing', code, untilMs: null, earnedTodayMicro: '0', lineCut: false, activeTasks: left > 0 ? 1 : 0 },
  })
  // Safe: what the work uses of them.
  const watch = { look, refresh: async () => void (left -= 1) } as unknown as NodeWatch
  const memory = {
    pausedToEnd: () => paused,
    setPausedToEnd: (next: boolean) => {
      paused = next
      remembered.push(next)
    },
  } as unknown as ShellMemory
  const askNode = async (name: string, input: object) => {
    asked.push(`${name} ${JSON.stringify(input)}`)
    return ok({})
  }
  const clock = { now: () => 0, monotonicMs: () => 0, after: (_ms: number, done: () => void) => (queueMicrotask(done), () => undefined) }
  return { work: createFinishWork({ askNode }, watch, memory, clock), asked, remembered, left: () => left }
}

it.each([
  [en.quit.finish, 0, true, ['computer.pause {"kind":"afterFrame"}']],
  [en.quit.now, 1, true, []],
  [en.quit.stay, 2, false, []],
] as const)('while a task is rendered it asks; “%s”', async (words, response, quits, told) => {
  dialog.response = response
  dialog.shown = []
  const { work, asked, left } = setUp({ looks: 3 })
  expect(await askToQuit(en.quit, work)).toBe(quits)
  expect(dialog.shown[0]?.[response]).toBe(words)
  expect(asked).toEqual(told)
  // Finished means: nothing is rendered any more.
  if (response === 0) expect(left()).toBeLessThanOrEqual(0)
})

it('the pause that this makes ends with the next start, once; one of the person stays', async () => {
  const { work, asked, remembered } = setUp({ looks: 2 })
  await work.finish(Number.POSITIVE_INFINITY)
  expect(remembered).toEqual([true])
  work.goOn()
  work.goOn()
  expect(asked.filter((name) => name.startsWith('computer.resume'))).toHaveLength(1)

  const held = setUp({ looks: 2, code: 'PAUSED_HERE' })
  await held.work.finish(Number.POSITIVE_INFINITY)
  held.work.goOn()
  expect(held.asked).toEqual([])
})
