import { afterAll, beforeAll, expect, test } from 'vitest'
import { durations } from '#shared/durations.ts'
import type { Clock } from '#shared/log.ts'
import { createEnrolments } from '../identity/enrolments.ts'
import { createLinks } from '../identity/links.ts'
import { createOwnerSessions } from '../identity/ownerSessions.ts'
import { quietLogger } from '../testing/plainParts.ts'
import { startTestStore, type TestStore } from '../testing/startTestStore.ts'
import { realClock } from '../testing/testTools.ts'
import { sweepPrivate } from './sweepPrivate.ts'

let at: TestStore
let nowMs = 1_800_000_000_000
const clock: Clock = { ...realClock, now: () => nowMs }
const publicKey = (filler: number) => Buffer.alloc(32, filler).toString('base64url')

beforeAll(async () => {
  at = await startTestStore()
})
afterAll(() => at.remove())

test('what is over goes, what may still be used or asked for stays', async () => {
  const { store } = at
  const started = nowMs
  const sessions = createOwnerSessions(store, clock, quietLogger)
  const links = createLinks(store, clock)
  const enrolments = createEnrolments(store, clock, { serverId: 's', url: () => 'http://127.0.0.1' })
  const lasting = await sessions.make('owner-a', { address: '127.0.0.1', program: '' })
  const ended = await sessions.make('owner-a', { address: '127.0.0.1', program: '' })
  await sessions.end(ended.session.sessionId)
  const link = await links.make('owner-a')
  const { config } = await enrolments.createWorker({ ownerId: 'owner-a', name: 'Ada' }, 'one', 1)
  const enrolled = await enrolments.enrol(config.enrolmentToken, publicKey(1), undefined)
  expect(enrolled.ok).toBe(true)

  expect(await sweepPrivate(store, nowMs)).toBe(0)
  nowMs = started + durations.oneTimeLinkMs + 1
  expect(await sweepPrivate(store, nowMs)).toBe(1)
  expect(await links.use(link.secret)).toMatchObject({ ok: false, error: { code: 'LINK_USED_OR_EXPIRED' } })

  nowMs = started + durations.endedKeptMs + 1
  expect(await sweepPrivate(store, nowMs)).toBe(1)
  expect(await sessions.find(ended.token)).toBeNull()
  expect((await sessions.find(lasting.token))?.ownerId).toBe('owner-a')
  // The config has expired, but the node that used it may have lost the answer.
  expect(await enrolments.enrol(config.enrolmentToken, publicKey(1), undefined)).toEqual(enrolled)

  nowMs = started + durations.enrolmentTokenMs + durations.endedKeptMs + 1
  expect(await sweepPrivate(store, nowMs)).toBe(1)
  expect(await enrolments.enrol(config.enrolmentToken, publicKey(1), undefined)).toMatchObject({ ok: false })

  nowMs = started + durations.ownerSessionMs + 1
  expect(await sweepPrivate(store, nowMs)).toBe(1)
  expect(await sweepPrivate(store, nowMs)).toBe(0)
  for (const database of ['sessions', 'tokens'] as const) {
    const left: unknown[] = []
    await store.scanPrivate(database, (page) => void left.push(...page))
    expect(left, database).toEqual([])
  }
})

test('a document that changed since it was read stays, and one that was taken away may be made again', async () => {
  const { store } = at
  const [first] = await store.writePrivate('tokens', [{ document: { id: 'x', value: 1 }, rev: null }])
  const rev = first?.written === true ? first.rev : ''
  await store.updatePrivate('tokens', 'x', () => ({ id: 'x', value: 2 }))
  expect(await store.removePrivate('tokens', [{ id: 'x', rev }])).toBe(0)
  const standing = await store.readPrivate('tokens', 'x')
  expect(standing?.document).toEqual({ id: 'x', value: 2 })
  expect(await store.removePrivate('tokens', [{ id: 'x', rev: standing?.rev ?? '' }])).toBe(1)
  expect(await store.readPrivate('tokens', 'x')).toBeNull()
  const [again] = await store.writePrivate('tokens', [{ document: { id: 'x', value: 3 }, rev: null }])
  expect(again?.written).toBe(true)
  expect((await store.readPrivate('tokens', 'x'))?.document).toEqual({ id: 'x', value: 3 })
})
