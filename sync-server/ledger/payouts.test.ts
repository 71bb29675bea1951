import { beforeEach, expect, it } from 'vitest'
import type { Earning } from '#shared/collections/earning.schema.ts'
import type { Notice } from '#shared/collections/notice.schema.ts'
import { durations } from '#shared/durations.ts'
import { finalAt } from '#shared/rules/settlement.ts'
import { jobOf } from '../testing/taskHarness.ts'
import { foreign, own, useTaskWorld } from '../testing/taskWorld.ts'
import { finaliseEarnings } from './finalise.ts'
import { createPayouts, type Payouts } from './payouts.ts'

const world = useTaskWorld()
const database = () => world.gateway.context.projection.database
const entries = () => world.memory.all<Earning>('earnings').sort((a, b) => (a.id < b.id ? -1 : 1))
const networkEntries = () => entries().filter(({ kind }) => kind === 'network')
const finalise = () => finaliseEarnings(world.memory.store, database(), world.clock.now())
const netOf = (list: Earning[]) => list.reduce((sum, { netMicro }) => sum + netMicro, 0)
const giveWallet = (ownerId: string, walletAddress: string) =>
  world.memory.store.update(ownerId, 'profile', ownerId, (current) => ({
    ...(current ?? { id: ownerId, ownerId, name: 'Ada', stamps: {} }),
    updatedAt: world.clock.now(),
    walletAddress,
  }))

let payouts: Payouts
beforeEach(() => void (payouts = createPayouts({ store: world.memory.store, database: database(), clock: world.clock })))

/** Two frames rendered by another owner's node, one by the creator's own. */
async function earn(): Promise<void> {
  await world.submit(jobOf({ frames: [1, 2, 3], chunkSize: 1 }))
  const [mine = ''] = await world.request(own, { bufferMs: 1 })
  const theirs = await world.request(foreign)
  await world.deliver(own, mine, world.tasks().find(({ id }) => id === mine)?.frames[0] ?? 0)
  for (const id of theirs) await world.deliver(foreign, id, world.tasks().find((task) => task.id === id)?.frames[0] ?? 0)
  expect(networkEntries()).toHaveLength(2)
}

it('is pending until it was checked long enough, then final; what one rendered for oneself is not looked at', async () => {
  await earn()
  expect(networkEntries().map(({ state }) => state)).toEqual(['pending', 'pending'])
  const before = entries().filter(({ kind }) => kind === 'selfRender')
  world.clock.advance(Math.max(...networkEntries().map(finalAt)) - world.clock.now() - 1)
  await finalise()
  expect(networkEntries().some(({ state }) => state === 'pending')).toBe(true)
  world.clock.advance(1)
  await finalise()
  expect(networkEntries()).toEqual([
    expect.objectContaining({ state: 'final', stateChangedAt: expect.any(Number) as number }),
    expect.objectContaining({ state: 'final' }),
  ])
  expect(await finalise(), 'once').toBe(0)
  expect(entries().filter(({ kind }) => kind === 'selfRender')).toEqual(before)
})

it('pays what is final to whoever has a wallet, marks exactly that, and tells the owner, however often it is said', async () => {
  await earn()
  expect(await payouts.prepare(0), 'nothing is final yet').toEqual({ payouts: [], withoutWallet: [] })
  world.clock.advance(durations.networkFinalAfterMs + 1)
  await finalise()
  const netMicro = netOf(networkEntries())
  expect(await payouts.prepare(0)).toEqual({ payouts: [], withoutWallet: [{ ownerId: 'owner-2', netMicro }] })
  await giveWallet('owner-2', '0xabc')
  expect((await payouts.prepare(netMicro + 1)).payouts, 'less than is worth a transfer').toEqual([])
  const [prepared] = (await payouts.prepare(0)).payouts
  expect(prepared).toMatchObject({ ownerId: 'owner-2', wallet: '0xabc', state: 'open', netMicro, entries: 2 })
  expect((await payouts.prepare(0)).payouts, 'the same again').toEqual([prepared])

  const id = prepared?.payoutId ?? ''
  const [first] = networkEntries()
  expect(await payouts.reverse('owner-2', first?.id ?? '', 'another scene')).toMatchObject({ ok: false, error: { code: 'PAYOUT_OPEN' } })
  for (let time = 0; time < 2; time += 1) expect(await payouts.paid(id, 'tx-1')).toMatchObject({ ok: true, value: { state: 'settled' } })
  expect(await payouts.paid(id, 'tx-2')).toMatchObject({ ok: false, error: { code: 'PAYOUT_CLOSED' } })
  expect(await payouts.drop(id)).toMatchObject({ ok: false, error: { code: 'PAYOUT_CLOSED' } })
  expect(networkEntries().map(({ state, reason }) => [state, reason])).toEqual([
    ['paid', 'tx-1'],
    ['paid', 'tx-1'],
  ])
  expect(await payouts.reverse('owner-2', first?.id ?? '', 'another scene')).toMatchObject({ error: { code: 'EARNING_CLOSED' } })
  expect(world.memory.all<Notice>('notices').filter(({ code }) => code === 'PAYOUT')).toEqual([
    expect.objectContaining({ ownerId: 'owner-2', details: { netMicro, reference: 'tx-1' } }),
  ])
  expect(await payouts.prepare(0), 'nothing is owed any more').toEqual({ payouts: [], withoutWallet: [] })
  expect((await payouts.list()).map(({ state }) => state)).toEqual(['settled'])
})

it('ends after a crash what it had begun: the transfer is known, the entries are not marked yet', async () => {
  await earn()
  await giveWallet('owner-2', '0xabc')
  world.clock.advance(durations.networkFinalAfterMs + 1)
  await finalise()
  const [prepared] = (await payouts.prepare(0)).payouts
  const broken = createPayouts({
    store: { ...world.memory.store, update: () => Promise.reject(new Error('the power is gone')) },
    database: database(),
    clock: world.clock,
  })
  await expect(broken.paid(prepared?.payoutId ?? '', 'tx-1')).rejects.toThrow('the power is gone')
  expect(networkEntries().every(({ state }) => state === 'final')).toBe(true)
  expect((await payouts.prepare(0)).payouts, 'not paid a second time').toMatchObject([{ state: 'paid' }])
  await payouts.finish()
  expect(networkEntries().every(({ state }) => state === 'paid')).toBe(true)
  expect((await payouts.list()).map(({ state }) => state)).toEqual(['settled'])
})

it('a payout that is dropped, and an entry that is taken back, leave what is owed right', async () => {
  await earn()
  await giveWallet('owner-2', '0xabc')
  world.clock.advance(durations.networkFinalAfterMs + 1)
  await finalise()
  const [prepared] = (await payouts.prepare(0)).payouts
  expect(await payouts.drop(prepared?.payoutId ?? '')).toMatchObject({ value: { state: 'dropped' } })
  const [first, second] = networkEntries()
  expect(await payouts.reverse('owner-2', first?.id ?? '', 'another scene')).toMatchObject({
    value: { state: 'reversed', reason: 'another scene' },
  })
  const next = (await payouts.prepare(0)).payouts
  expect(next).toMatchObject([{ state: 'open', netMicro: second?.netMicro, entries: 1 }])
  expect(next[0]?.payoutId).not.toBe(prepared?.payoutId)
  expect(await payouts.paid('payout.owner-2.99', 'tx')).toMatchObject({ error: { code: 'NOT_FOUND' } })
  expect(await payouts.reverse('owner-2', 'nothing', 'x')).toMatchObject({ error: { code: 'NOT_FOUND' } })
})
