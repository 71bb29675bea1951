import { expect, it } from 'vitest'
import type { Worker } from '#shared/collections/worker.schema.ts'
import { openProgramUpdate } from './programUpdate.ts'

function open(wanted: Partial<Worker['wanted']>, facts = new Map<string, string>()) {
  const holds: string[] = []
  const update = openProgramUpdate({
    local: { readFact: (key) => facts.get(key) ?? null, writeFact: (key, value) => void facts.set(key, value) },
    holds: { set: (code, { expectedMs }) => void holds.push(`${code} ${expectedMs}`), clear: (code) => void holds.push(`-${code}`) },
    wanted: () => ({ generation: 1, pause: 'none', ...wanted }),
    serverOffsetMs: () => 500,
  })
  return { update, holds, facts }
}

it('an update that the owner asked for is told once, also over a restart; a later wish is another one', () => {
  const wanted: Partial<Worker['wanted']> = { updateRequestedAt: 1_000, autoUpdate: false, updateChannel: 'beta' }
  const { update, facts } = open(wanted)
  expect(update.wishes()).toEqual({ autoUpdate: false, channel: 'beta', requested: true })
  expect(update.wishes().requested).toBe(false)
  expect(open(wanted, facts).update.wishes().requested).toBe(false)
  expect(open({ ...wanted, updateRequestedAt: 2_000 }, facts).update.wishes().requested).toBe(true)
})

it('updates by itself unless the owner says otherwise', () => {
  expect(open({}).update.wishes()).toEqual({ autoUpdate: true, channel: 'latest', requested: false })
})

it('holds new frames while an update waits, until then in server time, and lets go', () => {
  const { update, holds } = open({})
  update.drain(10_000)
  update.drain(null)
  expect(holds).toEqual(['UPDATE_WAITS 10500', '-UPDATE_WAITS'])
})

it('tells a cut once', () => {
  const { update } = open({})
  expect(update.takeCut()).toBeNull()
  update.cut('FORCED_UPDATE', 77)
  expect(update.takeCut()).toEqual({ code: 'FORCED_UPDATE', at: 77 })
  expect(update.takeCut()).toBeNull()
})
