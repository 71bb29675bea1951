import { describe, expect, it } from 'vitest'
import type { NodeDocument } from '#shared/collections/node.schema.ts'
import type { Presence } from '#shared/collections/presence.schema.ts'
import { seedWorld } from '../../testing/seed.ts'
import { securityFacts } from './securityFacts.ts'

const now = 1_760_000_000_000
const world = seedWorld(1, 1, now)
const node = world.nodes[0] as NodeDocument
const presence = world.presence[0] as Presence

describe('securityFacts', () => {
  it('tells how renders are contained, also of workers that say only half of it', () => {
    expect(securityFacts(node, presence, now).containment).toEqual({
      ...{ state: 'good', key: 'contained', level: 'bubblewrap', limits: 'cgroup' },
    })
    expect(securityFacts({ ...node, containmentLevel: 'basic' }, presence, now).containment).toMatchObject({ state: 'lax', limits: '' })
    expect(securityFacts({ ...node, containmentLevel: 'bubblewrap+user+watchdog' }, presence, now).containment).toMatchObject({
      ...{ state: 'good', level: 'bubblewrap', limits: 'userWatchdog' },
    })
    const onMac = { ...node, containmentLevel: 'basic+watchdog', os: { ...node.os, platform: 'darwin' } }
    expect(securityFacts(onMac, presence, now).containment).toMatchObject({ state: 'lax', key: 'lessContainedThere' })
    expect(securityFacts({ ...onMac, os: { ...node.os, platform: 'linux' } }, presence, now).containment.key).toBe('lessContained')
    expect(securityFacts(null, null, now).containment.state).toBe('unknown')
  })
  it('remembers a block after it is over, and counts each once', () => {
    const blocked = { code: 'MINER', since: now - 1_000, until: now + 1_000 }
    const earlier = { code: 'MINER', since: now - 9_000, until: now - 8_000 }
    expect(securityFacts({ ...node, blocked, pastBlocks: [blocked, earlier] }, presence, now).integrity).toEqual({
      ...{ state: 'bad', key: 'blocked', at: now - 1_000, times: 2 },
    })
    expect(securityFacts({ ...node, blocked }, presence, now + 2_000).integrity.state).toBe('lax')
    expect(securityFacts(node, presence, now).integrity).toMatchObject({ state: 'good', at: null })
  })
  it('shows the key that the server knows, and says when there is none', () => {
    const key = { fingerprint: 'SHA256:abc', enrolledAt: 5 }
    expect(securityFacts(node, { ...presence, key }, now).key).toEqual({ state: 'good', key: 'enrolled', ...key })
    const { key: _key, ...older } = presence
    expect(securityFacts(node, older, now).key).toMatchObject({ key: 'keyUnknown', fingerprint: null })
    expect(securityFacts(null, null, now).key).toMatchObject({ key: 'noKey' })
  })
})
