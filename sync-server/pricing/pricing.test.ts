import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Earning } from '#shared/collections/earning.schema.ts'
import type { NodeDocument } from '#shared/collections/node.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import type { Worker } from '#shared/collections/worker.schema.ts'
import { ok } from '#shared/result.ts'
import { sampleDocuments } from '../testing/sampleDocuments.ts'
import { createMemoryStore } from '../testing/memoryDocumentStore.ts'
import { createManualClock } from '../testing/plainParts.ts'
import { capable, createTaskHarness, jobOf, sessionOf, tinyBlend, untilQuiet } from '../testing/taskHarness.ts'
import { temporaryFolder, type TemporaryFolder } from '../testing/testTools.ts'

/** Owners try to be paid more than their work is worth. Pictures are not decoded here; everything else is the real path. */
const verify = () => Promise.resolve(ok({ format: 'PNG' as const, width: 640, height: 360, channels: 3, bitDepth: 8 }))
const settings = { format: 'PNG' as const, width: 640, height: 360, samples: 100 }
/** 0.2304 megapixels × 100 samples = 23.04 units: 1,000 + 23.04 × 50. */
const plainPrice = 2_152

let folder: TemporaryFolder
let memory: ReturnType<typeof createMemoryStore>
let gateway: ReturnType<typeof createTaskHarness>
let clock: ReturnType<typeof createManualClock>
beforeEach(async () => {
  folder = temporaryFolder()
  memory = createMemoryStore()
  clock = createManualClock()
  gateway = createTaskHarness({ ...memory, folder: folder.path, clock, verify })
  await gateway.services.start()
  await gateway.putFile('owner-1', tinyBlend)
  const frames = Array.from({ length: 200 }, (_, index) => index + 1)
  await gateway.call(sessionOf('owner-1'), 'jobs.submit', { job: jobOf({ frames, chunkSize: 1, settings }) })
  await settled()
})
afterEach(async () => {
  await gateway.services.stop()
  memory.close()
  folder.remove()
})
const settled = () => untilQuiet({ idle: () => gateway.services.idle(), clock, writes: () => memory.writes() })

async function setUp(ownerId: string, nodeId: string, about: { bid?: number; score?: number } = {}): Promise<void> {
  const { workers, nodes } = sampleDocuments(ownerId, nodeId, 'x')
  const { bid, score } = about
  const wanted = { ...workers.wanted, ...(bid === undefined ? {} : { bidMicroPerUnit: bid }) }
  const worker: Worker = { ...workers, id: nodeId, ownerId, wanted }
  const devices = [{ device: 'cpu', kind: 'cpu' as const, name: 'x', backend: 'CPU', score: score ?? 1_000, runs: [] }]
  const benchmark = { at: 1, scene: 's', blenderVersion: '3.4', fingerprint: 'f', devices }
  const hardware = { ...nodes.hardware, cpuCores: 2, gpus: [] }
  const node: NodeDocument = { ...nodes, id: nodeId, ownerId, hardware, benchmark }
  await memory.store.update(ownerId, 'workers', nodeId, () => worker)
  await memory.store.update(ownerId, 'nodes', nodeId, () => node)
}

/** Renders so many frames, each of which really takes `tookMs` while the node claims `claimMs`. */
async function work(ownerId: string, nodeId: string, frames: number, tookMs: number, claimMs = tookMs): Promise<Task[]> {
  const session = sessionOf(ownerId, nodeId)
  const done: Task[] = []
  for (let count = 0; count < frames; count += 1) {
    // What was looked up a moment ago is forgotten by then.
    clock.advance(15_000)
    const answer = await gateway.call(session, 'work.request', { ...capable, bufferMs: 0 })
    if (!answer.ok) throw new Error(answer.error.message)
    clock.advance(tookMs)
    for (const taskId of answer.value.taskIds) {
      const task = (await memory.store.read(ownerId, 'tasks', taskId))!.document
      done.push(task)
      const [frame = 0] = task.frames
      const sha256 = await gateway.putFile('owner-1', Buffer.from(`${nodeId} ${frame}`), { taskId, frame })
      const delivery = { taskId, leaseToken: task.lease.token, frame, sha256, renderMs: claimMs }
      expect(await gateway.call(session, 'frame.deliver', delivery)).toMatchObject({
        ok: true,
        value: { verdict: { verdict: 'accepted' } },
      })
    }
    await settled()
  }
  return done
}
const priceOf = (tasks: Task[]): number | undefined => tasks.at(-1)?.quote.microPerFrame

describe('what a frame pays', () => {
  it('is units × the node’s own bid, fixed before it is given out, and what the ledger then says', async () => {
    await setUp('cheap', 'node-a', { bid: 25 })
    await setUp('usual', 'node-b')
    await setUp('greedy', 'node-c', { bid: 101 })
    const [cheap] = await work('cheap', 'node-a', 1, 20_000)
    const [usual] = await work('usual', 'node-b', 1, 20_000)
    expect(cheap?.quote.microPerFrame).toBe(1_000 + Math.ceil(23.04 * 25))
    expect(usual?.quote.microPerFrame).toBe(plainPrice)
    expect(await work('greedy', 'node-c', 1, 20_000)).toEqual([])
    const entries = memory.all<Earning>('earnings')
    expect(entries.map(({ grossMicro }) => grossMicro).sort()).toEqual([1_576, plainPrice])
    for (const { grossMicro, feeMicro, netMicro } of entries)
      expect([feeMicro, netMicro]).toEqual([Math.floor(grossMicro / 10), grossMicro - Math.floor(grossMicro / 10)])
  })

  it('rises for a scene that two others found heavier than its settings say', async () => {
    for (const one of ['a', 'b', 'c']) await setUp(`owner-${one}`, `node-${one}`)
    await work('owner-a', 'node-a', 3, 46_080)
    await work('owner-b', 'node-b', 3, 46_080)
    // 46.08 s at a score of 1,000 are twice the units that the settings say.
    expect(priceOf(await work('owner-c', 'node-c', 1, 46_080))).toBe(1_000 + 2_304)
  })

  it('is not raised by render times or scores that one inflates for oneself', async () => {
    await setUp('liar', 'node-a', { score: 1_000_000_000 })
    await setUp('honest', 'node-b')
    await work('honest', 'node-b', 3, 23_040)
    expect(priceOf(await work('liar', 'node-a', 6, 10_000, 1e9))).toBe(plainPrice)
  })

  it('is not raised by other nodes of the same owner', async () => {
    await setUp('liar', 'node-a')
    await setUp('liar', 'node-b', { score: 1_000_000_000 })
    await setUp('liar', 'node-c', { score: 1_000_000_000 })
    await setUp('honest', 'node-d')
    await work('honest', 'node-d', 3, 23_040)
    for (const node of ['node-b', 'node-c']) await work('liar', node, 4, 90_000, 1e9)
    expect(priceOf(await work('liar', 'node-a', 1, 23_040))).toBe(plainPrice)
    // Nor do they raise or lower what the honest one gets.
    expect(priceOf(await work('honest', 'node-d', 1, 23_040))).toBe(plainPrice)
  })

  it('is not raised by a colluding second owner while one honest owner works too', async () => {
    await setUp('liar-1', 'node-a', { score: 1e9 })
    await setUp('liar-2', 'node-b', { score: 1e9 })
    await setUp('honest', 'node-c')
    await work('honest', 'node-c', 3, 23_040)
    await work('liar-2', 'node-b', 3, 90_000, 1e9)
    expect(priceOf(await work('liar-1', 'node-a', 3, 90_000, 1e9))).toBe(plainPrice)
    expect(priceOf(await work('liar-2', 'node-b', 1, 90_000, 1e9))).toBe(plainPrice)
  })

  it('the average bid is not moved by one owner’s many workers, and is what the network says', async () => {
    for (const one of ['a', 'b', 'c']) await setUp(one, `node-${one}`, { bid: 60 })
    for (let index = 0; index < 10; index += 1) await setUp('crowd', `crowd-${index}`, { bid: 1_000 })
    const ids = ['a', 'b', 'c'].map((one) => [one, `node-${one}`] as const)
    const crowd = Array.from({ length: 10 }, (_, index) => ['crowd', `crowd-${index}`] as const)
    for (const [ownerId, nodeId] of [...ids, ...crowd]) {
      const presence = { ...sampleDocuments(ownerId, nodeId, 'x').presence, id: nodeId, ownerId, connected: true }
      await memory.store.update(ownerId, 'presence', nodeId, () => presence)
    }
    clock.advance(120_000)
    expect(await gateway.call(sessionOf('a'), 'network.prices', {})).toMatchObject({
      ok: true,
      value: { averageMicroPerUnit: 60, owners: 4, feeBasisPoints: 1_000 },
    })
  })
})
