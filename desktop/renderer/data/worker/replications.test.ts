import { afterEach, expect, it, vi } from 'vitest'
import { ok } from '#shared/result.ts'
import { createFakeBackend } from '../../testing/fakeBackend.ts'
import { createKillablePeer } from '../../testing/killablePeer.ts'
import { seedWorld } from '../../testing/seed.ts'
import { portChannel } from '../openers.ts'
import { createDataSource } from './createDataSource.ts'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

it('pulls a little of the fleet first, then what the overview begins with, then the whole fleet, then everything else', async () => {
  const fake = createFakeBackend(seedWorld(300, 60, 1_760_000_000_000), {
    ...{ peerKind: 'gateway', nodeId: null, series: () => '' },
    call: async () => ok({ fine: true }),
  })
  const asked: string[] = []
  const pull = fake.backend.pull.bind(fake.backend)
  fake.backend.pull = (session, payload) => {
    asked.push(`${payload.collection} ${payload.limit < 1_000 ? 'few' : 'many'}`)
    return pull(session, payload)
  }
  const peer = createKillablePeer(fake)
  const source = createDataSource({
    open: async () => portChannel(await peer.openPort()),
    ...{ place: 'gateway', storage: 'memory', appVersion: 'test', remembered: null },
    ...{ remember: () => undefined, onRefusal: () => undefined, isHidden: () => false, touchedAtMs: () => 0 },
  })
  stops.push(() => source.stop())
  source.start()
  const all = ['profile', 'workers', 'nodes', 'presence', 'rollups', 'jobs', 'jobStates', 'tasks', 'runs', 'earnings', 'notices']
  await vi.waitFor(() => expect(new Set(asked.map((one) => one.split(' ')[0]))).toEqual(new Set(all)), { timeout: 15_000 })
  const at = (one: string): number => asked.indexOf(one)
  const fleetBegins = ['workers few', 'nodes few', 'presence few'].map(at)
  const overviewBegins = [at('rollups many'), at('jobs few')]
  const fleetGoesOn = ['workers many', 'nodes many', 'presence many'].map(at)
  const rest = ['jobStates', 'tasks', 'runs', 'earnings', 'notices'].map((name) => asked.findIndex((one) => one.startsWith(name)))
  expect(Math.min(...fleetBegins)).toBeGreaterThanOrEqual(0)
  for (const [earlier, later] of [
    [fleetBegins, overviewBegins],
    [overviewBegins, fleetGoesOn],
    [fleetGoesOn, rest],
  ] as const)
    expect(Math.max(...earlier), asked.join(', ')).toBeLessThan(Math.min(...later))
})
