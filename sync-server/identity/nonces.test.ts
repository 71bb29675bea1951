import { expect, test } from 'vitest'
import { durations } from '#shared/durations.ts'
import type { Clock } from '#shared/log.ts'
import { createNonces } from './nonces.ts'

let nowMs = 1_000.5
const clock: Clock = { now: () => 0, monotonicMs: () => nowMs, after: () => () => undefined }

test('a nonce is good for its node, for two minutes, once', () => {
  const nonces = createNonces(clock)
  const nonce = nonces.make('node-1')
  expect(nonce.length).toBeLessThanOrEqual(200)
  expect(nonces.isGood('node-1', nonce)).toBe(true)
  expect(nonces.isGood('node-2', nonce)).toBe(false)
  expect(createNonces(clock).isGood('node-1', nonce)).toBe(false)
  expect(nonces.spend(nonce)).toBe(true)
  expect(nonces.isGood('node-1', nonce)).toBe(false)
  expect(nonces.spend(nonce)).toBe(false)
  const late = nonces.make('node-1')
  nowMs += durations.nonceMs
  expect(nonces.isGood('node-1', late)).toBe(false)
})

test('what was changed in any place is no nonce', () => {
  const nonces = createNonces(clock)
  const nonce = nonces.make('node-1')
  for (let place = 0; place < nonce.length; place += 1) {
    const changed = nonce.slice(0, place) + (nonce[place] === 'A' ? 'B' : 'A') + nonce.slice(place + 1)
    expect(nonces.isGood('node-1', changed), changed).toBe(false)
  }
  for (const none of ['', 'nonce_', 'nonce_1.a.b', `nonce_1.${'x'.repeat(500)}`]) expect(nonces.isGood('node-1', none)).toBe(false)
})

test('whoever asks for many pushes nobody else’s out', () => {
  const nonces = createNonces(clock)
  const mine = nonces.make('node-1')
  for (let asked = 0; asked < 20_000; asked += 1) nonces.make('node-of-a-flood')
  expect(nonces.isGood('node-1', mine)).toBe(true)
})
