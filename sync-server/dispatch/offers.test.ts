import { describe, expect, it } from 'vitest'
import type { Presence } from '#shared/collections/presence.schema.ts'
import { durations } from '#shared/durations.ts'
import { newNodeKey, type NodeKey } from '../identity/nodeKeys.ts'
import { jobOf } from '../testing/taskHarness.ts'
import { foreign, own, useTaskWorld } from '../testing/taskWorld.ts'

const world = useTaskWorld()
const { settled, submit, request } = world

const connect = () =>
  world.gateway.connections.add({
    connectionId: 'c',
    session: own,
    openedAtMs: 0,
    close: () => undefined,
    answers: () => Promise.resolve(true),
  })
/** The topics that the connected node is told of from here on. */
function listen(): string[] {
  const events: string[] = []
  world.gateway.live.subscribe(({ topic }) => events.push(topic))
  connect()
  return events
}
/** The owner wishes that the node pauses; gives the end of it. */
async function pauseNode(): Promise<() => Promise<unknown>> {
  const wanted = { generation: 1, pause: 'now' as const }
  const worker = { id: 'node-1', ownerId: 'owner-1', updatedAt: 1, name: 'n', tags: [], createdAt: 1, wanted, stamps: {} }
  await world.memory.store.write('owner-1', 'workers', [{ document: worker, rev: null }])
  return () =>
    world.memory.store.update('owner-1', 'workers', 'node-1', (one) => one && { ...one, wanted: { ...wanted, pause: 'none' as const } })
}

describe('what nodes are offered and told', () => {
  it('offers nothing that does not fit, nothing to a paused worker, and passes over who failed for a while', async () => {
    await submit(jobOf({ frames: [1], info: { blenderVersion: '4.2', engine: 'CYCLES' } }))
    expect(await request()).toEqual([])
    expect(await request(own, { blenderVersions: ['4.2'], engines: ['BLENDER_EEVEE'] })).toEqual([])
    const resume = await pauseNode()
    expect(await request(own, { blenderVersions: ['4.2'] })).toEqual([])
    await resume()
    const [taskId = ''] = await request(own, { blenderVersions: ['4.2'] })
    await world.gateway.call(own, 'task.finish', {
      taskId,
      leaseToken: 1,
      outcome: 'failed',
      error: { code: 'DEVICE_NOT_FOUND', message: '' },
    })
    expect(await request(own, { blenderVersions: ['4.2'] })).toEqual([])
    expect(await request(foreign, { blenderVersions: ['4.2'] })).toHaveLength(1)
  })

  it('wakes an idle node when work comes', async () => {
    const events = listen()
    expect(await request()).toEqual([])
    await submit()
    expect(new Set(events)).toEqual(new Set(['work/node-1']))
    // Lost on the way: told again, within seconds at first, then ever more rarely, until it asks.
    const first = events.length
    world.clock.advance(4 * durations.workHintRepeatMs)
    expect(events.length).toBeGreaterThan(first)
    world.clock.advance(durations.workHintRepeatMaxMs)
    expect(events.length).toBeLessThan(12)
    expect(await request()).not.toEqual([])
    const told = events.length
    world.clock.advance(600_000)
    expect(events).toHaveLength(told)
  })

  it('wakes a node whose pause ended only here', async () => {
    const events = listen()
    const resume = await pauseNode()
    await submit()
    expect(await request()).toEqual([])
    await resume()
    await settled()
    expect(events).toContain('work/node-1')
    expect(await request()).not.toEqual([])
  })

  it('writes presence when it changes, and after a restart marks whom it left as gone', async () => {
    const presence = async () => (await world.memory.store.read('owner-1', 'presence', 'node-1'))?.document as Presence
    connect()
    await settled()
    expect(await presence()).toMatchObject({ connected: true })
    expect(await presence(), 'its key is not known').not.toHaveProperty('key')
    // Enrolled meanwhile: what the server knows it by is shown from the next connection on, and goes with the key.
    const publicKey = Buffer.alloc(32, 7).toString('base64url')
    const keyIs = (key: string | null) =>
      world.memory.store.updatePrivate<NodeKey>('keys', 'node-1', () => ({
        ...newNodeKey('node-1', 'owner-1'),
        publicKey: key,
        enrolledAt: 5,
      }))
    const reconnect = async () => {
      world.gateway.connections.remove('c')
      await settled()
      connect()
      await settled()
    }
    await keyIs(publicKey)
    await reconnect()
    expect((await presence()).key).toEqual({ fingerprint: 'SHA256:S7Bvjk46dxXSAdVz0KpCN2LlXavWGiwCJ4+lbMbSlOA', enrolledAt: 5 })
    await keyIs(null)
    await reconnect()
    expect(await presence(), 'its key was taken away').not.toHaveProperty('key')
    const heard = (await presence()).lastHeardAt
    world.clock.advance(durations.documentRefreshMs * 5)
    await settled()
    await world.restart(() => world.clock.advance(3_600_000))
    expect(await presence()).toMatchObject({ connected: false })
    expect((await presence()).lastHeardAt).toBeGreaterThan(heard)
    expect((await presence()).lastHeardAt).toBeLessThan(world.clock.now() - 3_000_000)
  })
})
