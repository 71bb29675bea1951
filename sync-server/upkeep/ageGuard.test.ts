import { expect, test } from 'vitest'
import type { Clock } from '#shared/log.ts'
import { quietLogger } from '../testing/plainParts.ts'
import { createMemoryStore } from '../testing/memoryDocumentStore.ts'
import { realClock } from '../testing/testTools.ts'
import { createAgeGuard } from './ageGuard.ts'

const hour = 3_600_000

test('nothing is old by a clock that was just set, also when the gateway was started anew in between', async () => {
  const { store } = createMemoryStore()
  let [wallMs, upMs] = [1_000 * hour, 10 * hour]
  const clock: Clock = { ...realClock, now: () => wallMs }
  const open = () => createAgeGuard({ store, gatewayId: 'gateway-1', clock, log: quietLogger, upMs: () => upMs })
  const pass = (hours: number) => ([wallMs, upMs] = [wallMs + hours * hour, upMs + hours * hour])
  expect(await open().areAgesTrue()).toBe(false)
  pass(4)
  expect(await open().areAgesTrue()).toBe(true)
  wallMs += 365 * 24 * hour
  const guard = open()
  expect(await guard.areAgesTrue()).toBe(false)
  pass(1)
  wallMs -= 365 * 24 * hour
  expect(await guard.areAgesTrue()).toBe(false)
  pass(4)
  expect(await guard.areAgesTrue()).toBe(true)
})
