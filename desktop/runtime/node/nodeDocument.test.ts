import { describe, expect, test, vi } from 'vitest'
import type { NodeDocument } from '#shared/collections/node.schema.ts'
import { homeRequirements } from '#shared/rules/requirements.ts'
import { statusOf } from '#shared/rules/status.ts'
import { statusEntrySchema } from '#shared/rules/statusEntry.ts'
import { manualClock } from '../testing/manualClock.ts'
import { memoryDocuments } from '../testing/memoryDocuments.ts'
import { quietLog } from '../testing/quietLog.ts'
import { buildNode, type NodeFacts } from './buildNode.ts'
import { startNodeDocument } from './nodeDocument.ts'
import { createSoftware } from './software.ts'
import { createStatusLog } from './statusLog.ts'

describe('the node’s document', () => {
  const facts = (change: Partial<NodeFacts> = {}): NodeFacts => ({
    nodeId: 'node-1',
    ownerId: 'owner-1',
    startedAtMs: 1,
    appVersion: '1',
    containmentLevel: 'basic',
    inventory: {
      os: { platform: 'linux', name: 'Linux', release: '6', arch: 'x64', hostname: 'h' },
      hardware: { cpuName: 'c', cpuCores: 2, ramMiB: 1, diskFreeMiB: 1, gpus: [] },
    },
    software: createSoftware({ probe: () => Promise.resolve([]) }, quietLog),
    requirements: homeRequirements,
    holds: [],
    pause: { kind: 'none', holds: [], nextChangeMs: null },
    generation: 3,
    generationDone: 2,
    terminated: null,
    summary: { activeTaskIds: [], renderingTaskIds: [], queuedTaskCount: 0, framesWaitingToUpload: 0, heldMs: 0, suspended: null },
    benchmark: null,
    benchWork: null,
    clockOffMinutes: null,
    transfers: undefined,
    powerCap: undefined,
    connection: null,
    workAnywayUntilMs: null,
    pausedSinceMs: 5,
    blocks: [],
    repairs: [],
    avoided: [],
    nowMs: 10,
    ...change,
  })
  const paused = { kind: 'drain', holds: [{ code: 'PAUSED_BY_OWNER' }], nextChangeMs: null } as const
  const busy = { activeTaskIds: ['t'], renderingTaskIds: ['t'], queuedTaskCount: 1, framesWaitingToUpload: 0, heldMs: 1, suspended: null }
  const status = (node: NodeDocument) => statusOf({ node, presence: null, nowMs: 10, seenFrom: 'node' }).status

  test('each change of the status becomes one line, in order, with its reason', () => {
    const lines: string[] = []
    const note = createStatusLog((line) => lines.push(line))
    for (const change of [
      { summary: busy },
      { summary: busy, nowMs: 11 },
      { holds: [{ code: 'TOO_HOT', since: 12 }], nowMs: 12 },
      { holds: [{ code: 'ON_BATTERY', since: 13 }], nowMs: 13 },
      { nowMs: 14 },
    ])
      note(buildNode(facts(change)))
    const entries = lines.map((line) => statusEntrySchema.parse(JSON.parse(line)))
    expect(lines.every((line) => line.endsWith('\n'))).toBe(true)
    expect(entries.map(({ at, status, code }) => [at, status, code])).toEqual([
      [10, 'processing', 'RENDERING'],
      [12, 'offline', 'TOO_HOT'],
      [13, 'offline', 'ON_BATTERY'],
      [14, 'online', 'READY'],
    ])
  })

  test('a pause shows when what it lets finish has finished; until then the node is processing', () => {
    const draining = buildNode(facts({ pause: { ...paused, holds: [...paused.holds] }, summary: busy }))
    expect([draining.generationDone, draining.holds, status(draining)]).toEqual([2, [], 'processing'])
    const drained = buildNode(facts({ pause: { ...paused, holds: [...paused.holds] } }))
    expect([drained.generationDone, status(drained)]).toEqual([3, 'offline'])
  })
  test('without any Blender the node says so once it has looked', async () => {
    const software = createSoftware({ probe: () => Promise.resolve([]) }, quietLog)
    expect(buildNode(facts({ software })).failedChecks).toEqual([])
    await software.find()
    expect(status(buildNode(facts({ software })))).toBe('unsupported')
  })
  test('is written at once for what matters, once a minute for what only moves', async () => {
    const clock = manualClock()
    const nodes = memoryDocuments<NodeDocument>()
    const put = vi.spyOn(nodes, 'put')
    let current = facts()
    const writer = startNodeDocument({ nodes, build: () => buildNode(current), clock, log: quietLog })
    const after = async (ms: number) => {
      writer.changed()
      clock.advance(ms)
      await vi.waitFor(() => Promise.resolve())
      await new Promise((resolve) => setImmediate(resolve))
      return put.mock.calls.length
    }
    expect(await after(1_000)).toBe(1)
    expect(await after(1_000)).toBe(1)
    current = facts({ summary: { ...current.summary, framesWaitingToUpload: 7 } })
    expect(await after(10_000)).toBe(1)
    expect(await after(60_000)).toBe(2)
    current = facts({ holds: [{ code: 'DISK_FULL', since: 1 }] })
    expect(await after(1_000)).toBe(3)
    await writer.finish({ stoppedAt: 99 })
    expect(nodes.content.get('node-1')?.stoppedAt).toBe(99)
  })
})
