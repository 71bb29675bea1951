import { expect, test, vi } from 'vitest'
import type { TagPreferences } from '#shared/api/gatewayCalls.ts'
import type { Profile } from '#shared/collections/profile.schema.ts'
import { ok } from '#shared/result.ts'
import { tagPreferencesTopic } from '#shared/sync/live.ts'
import { makeProfile } from '../testing/documents.ts'
import { memoryDocuments } from '../testing/memoryDocuments.ts'
import { scriptedGateway } from '../testing/scriptedGateway.ts'
import { openTagPreferences } from './tagPreferences.ts'

function setUp(answer: TagPreferences) {
  const gateway = scriptedGateway()
  const asked = vi.fn(() => Promise.resolve(ok(answer)))
  gateway.call = asked as unknown as typeof gateway.call
  const facts = new Map<string, string>()
  const local = {
    readFact: (name: string) => facts.get(name) ?? null,
    writeFact: (name: string, value: string) => void facts.set(name, value),
  }
  const profiles = memoryDocuments<Profile>()
  return { gateway, asked, profiles, open: () => openTagPreferences({ ownerId: 'owner-1', profiles, local, gateway }) }
}
const cellar = (idleMinutes: number) => ({ cellar: { idleMinutes } })

test('asks when the line is up, keeps the answer for when it is cut, hears of changes', async () => {
  const { gateway, asked, open } = setUp({ updatedAt: 5, byTag: cellar(3) })
  const first = await open()
  await vi.waitFor(() => expect(first.current()).toEqual(cellar(3)))
  first.stop()
  gateway.live = false
  const second = await open()
  expect(second.current()).toEqual(cellar(3))
  const changed = vi.fn()
  second.onChange(changed)
  gateway.hint(tagPreferencesTopic, { updatedAt: 6, byTag: cellar(4) })
  gateway.hint(tagPreferencesTopic, { updatedAt: 7, byTag: cellar(4) })
  expect([second.current(), changed.mock.calls.length]).toEqual([cellar(4), 1])
  // A table that is too large to be sent to everybody, and nonsense, are asked for.
  const before = asked.mock.calls.length
  gateway.hint(tagPreferencesTopic, { updatedAt: 8 })
  gateway.hint(tagPreferencesTopic, { updatedAt: 8, byTag: { cellar: { idleMinutes: 'many' } } })
  expect(asked.mock.calls.length).toBe(before + 2)
  second.stop()
})

test("an edit made at this computer counts at once, without a line; a newer word of the server's wins over a profile nobody syncs", async () => {
  const { gateway, profiles, open } = setUp({ updatedAt: 5, byTag: cellar(3) })
  gateway.live = false
  const tags = await open()
  await profiles.put(makeProfile({ preferencesByTag: cellar(9), updatedAt: 6 }))
  expect(tags.current()).toEqual(cellar(9))
  await profiles.put(makeProfile({ id: 'owner-2', ownerId: 'owner-2', preferencesByTag: cellar(1), updatedAt: 60 }))
  expect(tags.current()).toEqual(cellar(9))
  gateway.hint(tagPreferencesTopic, { updatedAt: 7, byTag: {} })
  expect(tags.current()).toEqual({})
  tags.stop()
})
