import { spawn } from 'node:child_process'
import { createPublicKey, verify } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { toAppError } from '#shared/errors/appError.ts'
import type { NodeDocument } from '#shared/collections/node.schema.ts'
import { homeRequirements, networkRequirements } from '#shared/rules/requirements.ts'
import { statusOf } from '#shared/rules/status.ts'
import { statusEntrySchema } from '#shared/rules/statusEntry.ts'
import { manualClock } from '../testing/manualClock.ts'
import { memoryFacts } from '../testing/memoryFacts.ts'
import { memoryDocuments } from '../testing/memoryDocuments.ts'
import { quietLog } from '../testing/quietLog.ts'
import { isSameBoot, readBootId } from './bootId.ts'
import { buildNode, type NodeFacts } from './buildNode.ts'
import { createDeviceSlots, devicesFor, isSameSlot } from './deviceSlots.ts'
import { createHolds } from './holds.ts'
import { loadIdentity, makeKeyPair, pendingKeys, saveIdentity, setAsideIdentity, tokenHash } from './identity.store.ts'
import { parseNvidiaCard } from './inventory.ts'
import { linuxFacts } from './machineFacts.ts'
import { startNodeDocument } from './nodeDocument.ts'
import { openPauses } from './pauses.ts'
import { openRequirements } from './requirements.ts'
import { namesOurScratch, reapOrphans } from './reapOrphans.ts'
import { openWorkAnyway } from './workAnyway.ts'
import { createServerClock } from './serverClock.ts'
import { createSoftware } from './software.ts'
import { startSleepWatch } from './sleepWatch.ts'
import { createStatusLog } from './statusLog.ts'
import { setStopMark, whatCut } from './uncleanStop.ts'

let folder: string
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'pictor-node-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

test('the identity is kept with its key, readable by its user alone, and signs what the server can verify', async () => {
  const stored = {
    nodeId: 'node-1',
    ownerId: 'owner-1',
    ownerName: 'Anna',
    serverId: 'server-1',
    serverUrl: 'http://x',
    enrolledWith: tokenHash('t'),
  }
  expect(await loadIdentity(folder)).toBeNull()
  const saved = await saveIdentity(folder, stored, makeKeyPair())
  const loaded = await loadIdentity(folder)
  expect(loaded).toMatchObject({ ...stored, publicKey: saved.publicKey })
  expect((await stat(join(folder, 'node.key'))).mode & 0o777).toBe(0o600)
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: saved.publicKey }, format: 'jwk' })
  expect(verify(null, Buffer.from('nonce'), key, Buffer.from(loaded?.sign('nonce') ?? '', 'base64url'))).toBe(true)
})

test('an identity that cannot be read is said to be damaged, without a word of what stands in it, and is left as it is', async () => {
  const stored = { nodeId: 'n', ownerId: 'o', ownerName: '', serverId: 's', serverUrl: '', enrolledWith: '' }
  const put = (name: string, text: string) => writeFile(join(folder, name), text)
  const identity = JSON.stringify(stored)
  const key = makeKeyPair()
  // A cut enrolment left its key alone.
  await put('node.key', key.privatePem)
  expect(await loadIdentity(folder)).toBeNull()
  const hostile = [
    ['identity.json', identity.slice(0, 20)],
    ['identity.json', '{"nodeId":"../../etc"}'],
    ['identity.json', ''],
    ['node.key', ''],
    ['node.key', key.privatePem.slice(0, 60)],
    ['node.key', 'secret-looking text'],
  ] as const
  for (const [file, text] of hostile) {
    await put('identity.json', identity)
    await put('node.key', key.privatePem)
    await put(file, text)
    const refused = await loadIdentity(folder).catch((error: unknown) => toAppError(error))
    expect(refused).toMatchObject({ code: 'IDENTITY_DAMAGED', details: { path: join(folder, file), reason: 'it cannot be read' } })
    expect(JSON.stringify(refused)).not.toContain('secret-looking')
    expect(await readFile(join(folder, file), 'utf8')).toBe(text)
  }
  await rm(join(folder, 'node.key'))
  await put('identity.json', identity)
  await expect(loadIdentity(folder)).rejects.toMatchObject({ error: { code: 'IDENTITY_DAMAGED', details: { reason: 'it is missing' } } })
  setAsideIdentity(folder, 5)
  expect([await loadIdentity(folder), await readFile(join(folder, 'damaged', 'identity.json.5'), 'utf8')]).toEqual([null, identity])
})

test('an enrolment that was cut is repeated with the same key', async () => {
  expect((await pendingKeys(folder)).publicKey).toBe((await pendingKeys(folder)).publicKey)
})

test('an orderly stop leaves no mark; a cut one says whether work was in progress', async () => {
  const first = await setStopMark(folder, 1)
  expect(first.before).toBeNull()
  await first.mark.setWorking(true)
  const second = await setStopMark(folder, 2)
  expect(second.before).toEqual({ startedAtMs: 1, wasWorking: true, cause: 'CRASH' })
  await second.mark.clear()
  expect((await setStopMark(folder, 3)).before).toBeNull()
  await writeFile(join(folder, 'running.mark'), '{"star')
  expect((await setStopMark(folder, 4)).before).toMatchObject({ wasWorking: true })
})

test('a cut run says whether the computer went down or only Pictor Worker did', async () => {
  const started = (boot: string) => setStopMark(folder, 1, () => Promise.resolve(boot))
  await started('boot-1')
  expect((await started('boot-1')).before?.cause).toBe('CRASH')
  expect((await started('boot-2')).before?.cause).toBe('POWER_LOSS')
  // Marks of versions that did not know the boot yet.
  await writeFile(join(folder, 'running.mark'), '{"startedAtMs":1,"working":true}')
  expect((await started('boot-2')).before?.cause).toBe('CRASH')
  expect([isSameBoot('at 1000000', 'at 1019000'), isSameBoot('at 1000000', 'at 1060000')]).toEqual([true, false])
  expect(await readBootId()).toBe(await readBootId())
})

test('work that an update cut was cut by the update, also when the node was ended by force then', () => {
  const killed = { startedAtMs: 1, wasWorking: true, cause: 'CRASH' as const }
  const told = { code: 'FORCED_UPDATE', at: 5 }
  expect(whatCut(killed, told, 9)).toEqual(told)
  expect(whatCut(null, told, 9)).toEqual(told)
  expect(whatCut(killed, null, 9)).toEqual({ code: 'CRASH', at: 9 })
  expect(whatCut({ ...killed, wasWorking: false }, null, 9)).toBeNull()
  expect(whatCut(null, null, 9)).toBeNull()
})

test('sleep is noticed by what the uptime counts and the monotonic clock does not; a clock that is set is no sleep', () => {
  const clock = manualClock()
  let sleptMs = 0
  const told = vi.fn()
  const stop = startSleepWatch(clock, told, () => clock.monotonicMs() + sleptMs)
  clock.advance(60_000)
  clock.setWall(0)
  clock.advance(60_000)
  expect(told).not.toHaveBeenCalled()
  sleptMs += 3_600_000
  clock.advance(5_000)
  expect(told.mock.calls).toEqual([[3_600_000]])
  clock.advance(60_000)
  stop()
  sleptMs += 3_600_000
  clock.advance(60_000)
  expect(told).toHaveBeenCalledTimes(1)
})

describe('the server’s clock', () => {
  test('runs by monotonic time, whatever happens to the wall clock', () => {
    const clock = manualClock(7_200_000)
    const serverClock = createServerClock(clock)
    serverClock.sample({ serverTimeMs: 50_000, sentAtMs: 0, receivedAtMs: 40 })
    clock.advance(1_000)
    clock.setWall(0)
    expect(serverClock.now()).toBe(50_980)
    // Not later than this: as if the server had read its clock when we asked.
    expect(serverClock.latest()).toBe(51_000)
  })
  test('notices a wall clock that is more than two minutes off', () => {
    const clock = manualClock(1_000_000)
    const serverClock = createServerClock(clock)
    expect(serverClock.isWallWrong()).toBe(false)
    serverClock.sample({ serverTimeMs: 1_000_000 - 7_200_000, sentAtMs: 0, receivedAtMs: 0 })
    expect([serverClock.wallOffsetMs(), serverClock.isWallWrong()]).toEqual([7_200_000, true])
    // A start without a line goes on by what was known.
    expect(createServerClock(clock, 7_200_000).now()).toBe(serverClock.now())
  })
  test('tells of a step, not of the delay of the line, and whether the server has said its time', () => {
    const clock = manualClock(1_000_000)
    const serverClock = createServerClock(clock)
    const steps: number[] = []
    serverClock.onStep((step) => steps.push(step))
    expect(serverClock.isKnown()).toBe(false)
    serverClock.sample({ serverTimeMs: 1_000_400, sentAtMs: 0, receivedAtMs: 40 })
    expect([serverClock.isKnown(), steps]).toEqual([true, []])
    clock.advance(1_000)
    // This computer's clock is set: nothing moves. The server's is: everything does.
    clock.setWall(99_000_000)
    serverClock.sample({ serverTimeMs: 1_001_400, sentAtMs: 1_000, receivedAtMs: 1_040 })
    expect(steps).toEqual([])
    serverClock.sample({ serverTimeMs: 1_001_400 + 86_400_000, sentAtMs: 1_000, receivedAtMs: 1_040 })
    serverClock.sample({ serverTimeMs: 1_001_400, sentAtMs: 1_000, receivedAtMs: 1_040 })
    expect(steps).toEqual([86_400_000, -86_400_000])
  })
})

describe('what ends at a time, when the server’s time turns out to be another', () => {
  const hour = 3_600_000
  const setUp = () => {
    const clock = manualClock(100 * hour)
    const serverClock = createServerClock(clock)
    const serverNow = () => serverClock.now()
    const holds = createHolds({ clock, serverNow })
    const pauses = openPauses({ local: memoryFacts(), clock, serverNow })
    serverClock.onStep(() => [holds, pauses].forEach((each) => each.timeMoved()))
    const told: string[] = []
    holds.onChange(() => told.push('holds'))
    pauses.onChange(() => told.push('pauses'))
    const serverIs = (ms: number) =>
      serverClock.sample({ serverTimeMs: ms, sentAtMs: clock.monotonicMs(), receivedAtMs: clock.monotonicMs() })
    return { clock, holds, pauses, serverIs, told }
  }
  test('ends at once where it is over by now', () => {
    const { clock, holds, pauses, serverIs } = setUp()
    holds.set('REPEATED_FAILURES', { blocks: true, untilMs: 101 * hour })
    pauses.setLocal({ kind: 'now', untilMs: 101 * hour })
    serverIs(102 * hour)
    clock.advance(1)
    expect([holds.list(), pauses.current().kind]).toEqual([[], 'none'])
  })
  test('goes on where it is not over yet, and ends when it is', () => {
    const { clock, holds, pauses, serverIs } = setUp()
    holds.set('REPEATED_FAILURES', { blocks: true, untilMs: 101 * hour })
    pauses.setLocal({ kind: 'now', untilMs: 101 * hour })
    serverIs(99 * hour)
    clock.advance(1.5 * hour)
    expect([holds.list().length, pauses.current().kind]).toEqual([1, 'now'])
    clock.advance(0.5 * hour + 1)
    expect([holds.list().length, pauses.current().kind]).toEqual([0, 'none'])
  })
})

test('holds end by themselves and keep when they began', () => {
  const clock = manualClock()
  const holds = createHolds({ clock, serverNow: () => clock.now() })
  const changed = vi.fn()
  holds.onChange(changed)
  holds.set('REPEATED_FAILURES', { blocks: true, untilMs: 1_000_600 })
  clock.advance(100)
  holds.set('REPEATED_FAILURES', { blocks: true, untilMs: 1_001_000 })
  expect(holds.list()).toEqual([{ code: 'REPEATED_FAILURES', since: 1_000_000, until: 1_001_000 }])
  clock.advance(850)
  expect(holds.blocking()).toBe(true)
  clock.advance(100)
  expect([holds.blocking(), changed.mock.calls.length]).toEqual([false, 3])
})

test('the stricter pause wins, a local one outlives a restart, both end at their time', () => {
  const clock = manualClock()
  const facts = new Map<string, string>()
  const local = { readFact: (key: string) => facts.get(key) ?? null, writeFact: (key: string, value: string) => void facts.set(key, value) }
  const open = () => openPauses({ local, clock, serverNow: () => clock.now() })
  const first = open()
  const changed = vi.fn()
  first.onChange(changed)
  first.setLocal({ kind: 'afterTask', untilMs: clock.now() + 1_000 })
  const second = open()
  expect(second.current()).toMatchObject({ kind: 'afterTask', holds: [{ code: 'PAUSED_HERE' }] })
  const worker = { wanted: { generation: 4, pause: 'now' as const } }
  second.setWanted(worker as never)
  expect([second.current().kind, second.generation()]).toEqual(['now', 4])
  second.setWanted(null)
  clock.advance(1_002)
  expect([first.current().kind, second.current().kind, changed.mock.calls.length]).toEqual(['none', 'none', 2])
})

test('working anyway outlives a restart, ends by itself, and the later of two wishes counts', () => {
  const clock = manualClock()
  const facts = new Map<string, string>()
  const local = { readFact: (key: string) => facts.get(key) ?? null, writeFact: (key: string, value: string) => void facts.set(key, value) }
  const open = () => openWorkAnyway({ local, clock, serverNow: () => clock.now() })
  const first = open()
  const changed = vi.fn()
  first.onChange(changed)
  first.setLocal(clock.now() + 1_000)
  const second = open()
  expect(second.untilMs()).toBe(clock.now() + 1_000)
  second.setWanted({ wanted: { generation: 1, pause: 'none', workAnywayUntil: clock.now() + 5_000 } } as never)
  clock.advance(1_002)
  expect([first.untilMs(), changed.mock.calls.length]).toEqual([null, 2])
  expect(second.untilMs()).not.toBeNull()
  clock.advance(5_000)
  expect(second.untilMs()).toBeNull()
})

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

describe('slots', () => {
  const blender = { kind: 'blender', version: '4.2.0', path: '/b', engines: ['CYCLES'], denoisers: [] }
  const card = (uuid: string) => ({ index: 0, uuid, name: 'RTX', vendor: 'NVIDIA', vramMiB: 1, driverVersion: '1' })
  const slots = (devices: string[], gpus: string[], preferences = {}) =>
    devicesFor({ software: [{ ...blender, devices }], gpus: gpus.map(card), preferences })
  test('none without a program, the processor where no Blender can use a card, one for each card with a UUID', () => {
    expect(devicesFor({ software: [], gpus: [card('GPU-1')], preferences: {} })).toEqual([])
    expect(slots(['CPU'], ['GPU-1'])).toEqual([{ kind: 'cpu' }])
    expect(slots(['CPU', 'HIP'], ['0000:03:00.0'])).toEqual([{ kind: 'gpu' }])
    expect(slots(['CPU', 'OPTIX'], ['GPU-1', 'GPU-2'])).toEqual([
      { kind: 'gpu', visible: ['GPU-1'] },
      { kind: 'gpu', visible: ['GPU-2'] },
    ])
  })
  test('a card kept for its owner is no slot, and its tasks do not fall to the processor', () => {
    expect(slots(['CPU', 'OPTIX'], ['GPU-1', 'GPU-2'], { keptGpus: ['GPU-1'], cpuThreads: 2 })).toEqual([
      { kind: 'gpu', visible: ['GPU-2'], threads: 2 },
    ])
    expect(slots(['CPU', 'OPTIX'], ['GPU-1'], { keptGpus: ['GPU-1'] })).toEqual([])
    expect(slots(['CPU', 'HIP'], ['0000:03:00.0'], { keptGpus: ['0000:03:00.0'] })).toEqual([])
  })
  test('stay the same array until something changes; other limits make no other slot', () => {
    let preferences: { cpuThreads?: number } = {}
    const current = createDeviceSlots(() => ({ software: [{ ...blender, devices: ['CPU'] }], gpus: [], preferences }))
    const first = current()
    expect(current()).toBe(first)
    preferences = { cpuThreads: 3 }
    expect(current()).toEqual([{ kind: 'cpu', threads: 3 }])
    expect(isSameSlot({ kind: 'cpu' }, { kind: 'cpu', threads: 3 })).toBe(true)
    expect(isSameSlot({ kind: 'gpu', visible: ['GPU-1'] }, { kind: 'gpu', visible: ['GPU-2'] })).toBe(false)
  })
})

test('a hold that lets the frame finish shows when it has, and tells what it is about', () => {
  const clock = manualClock()
  const holds = createHolds({ clock, serverNow: () => clock.now() })
  const changed = vi.fn()
  holds.onChange(changed)
  const hold = () => holds.set('EXCLUDED_APP', { blocks: false, afterFrame: true, details: { program: 'game' }, expectedMs: 2_000_000 })
  hold()
  hold()
  expect(changed).toHaveBeenCalledTimes(1)
  expect([holds.blocking(), holds.afterFrame(), holds.list(true)]).toEqual([false, true, []])
  expect(holds.list()).toEqual([{ code: 'EXCLUDED_APP', since: 1_000_000, until: 2_000_000, details: { program: 'game' } }])
  // What is only expected does not clear by itself.
  clock.advance(5_000_000)
  expect(holds.has('EXCLUDED_APP')).toBe(true)
})

test('reads NVIDIA’s list of cards', () => {
  const card = { index: 0, uuid: 'GPU-9b9e8c3a-5c1d', name: 'NVIDIA GeForce RTX 4090', vendor: 'NVIDIA', vramMiB: 24_564 }
  expect(parseNvidiaCard('0, GPU-9b9e8c3a-5c1d, NVIDIA GeForce RTX 4090, 24564, 550.54.14, 00000000:01:00.0, 8.9')).toEqual([
    { ...card, driverVersion: '550.54.14', pciBus: '00000000:01:00.0', computeCapability: '8.9' },
  ])
  // Drivers before 510 do not know the last field.
  expect(parseNvidiaCard('0, GPU-9b9e8c3a-5c1d, NVIDIA GeForce RTX 4090, 24564, 470.1, 00000000:01:00.0')[0]?.computeCapability).toBeNull()
  expect(parseNvidiaCard('NVIDIA-SMI has failed because it could not communicate')).toEqual([])
})

test('battery, displays and networks come from the small files of the system; a mouse’s battery is none', async () => {
  const put = async (path: string, text: string) => {
    await mkdir(join(folder, 'class', path, '..'), { recursive: true })
    await writeFile(join(folder, 'class', path), text)
  }
  expect(await linuxFacts(join(folder, 'class'))).toEqual({ hasBattery: false, displays: 0, networks: [] })
  await put('power_supply/hidpp_battery_0/type', 'Battery\n')
  await put('power_supply/hidpp_battery_0/scope', 'Device\n')
  await put('power_supply/AC/type', 'Mains\n')
  await put('drm/card0-HDMI-A-1/status', 'connected\n')
  await put('drm/card0-DP-1/status', 'disconnected\n')
  await put('drm/version', 'drm 1.1.0\n')
  for (const name of ['lo', 'enp3s0', 'docker0']) await put(`net/${name}/mtu`, '1500')
  await put('net/wlan0/phy80211/name', 'phy0')
  const facts = {
    displays: 1,
    networks: [
      { name: 'enp3s0', kind: 'wired' },
      { name: 'wlan0', kind: 'wireless' },
    ],
  }
  expect(await linuxFacts(join(folder, 'class'))).toEqual({ hasBattery: false, ...facts })
  await put('power_supply/BAT0/type', 'Battery\n')
  expect(await linuxFacts(join(folder, 'class'))).toEqual({ hasBattery: true, ...facts })
  await put('../block/nvme0n1/size', '1953525168\n')
  await put('../block/nvme0n1/queue/rotational', '0\n')
  await put('../block/nvme0n1/device/model', 'Samsung SSD 990\n')
  await put('../block/sda/size', '7814037168\n')
  await put('../block/sda/queue/rotational', '1\n')
  for (const name of ['loop0', 'dm-0', 'sr0', 'zram0']) await put(`../block/${name}/size`, '2048\n')
  expect((await linuxFacts(join(folder, 'class'))).disks).toEqual([
    { name: 'Samsung SSD 990', kind: 'ssd', sizeMiB: 953_869 },
    { name: 'sda', kind: 'hdd', sizeMiB: 3_815_447 },
  ])
})

test('what the server asks of nodes is kept for when the line is cut, and asked again when it is back', async () => {
  const facts = new Map<string, string>()
  const local = { readFact: (key: string) => facts.get(key) ?? null, writeFact: (key: string, value: string) => void facts.set(key, value) }
  let live: (is: boolean) => void = () => undefined
  let answer: unknown = { ok: false, error: { code: 'NOT_FOUND', message: '' } }
  const gateway = {
    isLive: () => false,
    onLive: (listener: (is: boolean) => void) => ((live = listener), () => undefined),
    call: () => Promise.resolve(answer),
  } as unknown as Parameters<typeof openRequirements>[0]['gateway']
  const first = openRequirements({ local, gateway })
  const changed = vi.fn()
  first.onChange(changed)
  live(true)
  await Promise.resolve()
  expect([first.current(), changed.mock.calls.length]).toEqual([homeRequirements, 0])
  answer = { ok: true, value: { requirements: networkRequirements } }
  live(true)
  await vi.waitFor(() => expect(first.current()).toEqual(networkRequirements))
  live(true)
  await new Promise((resolve) => setImmediate(resolve))
  expect(changed).toHaveBeenCalledTimes(1)
  expect(openRequirements({ local, gateway }).current()).toEqual(networkRequirements)
})

describe('what an earlier start left behind', () => {
  test('is known by its scratch folder alone', () => {
    expect(namesOurScratch('/usr/bin/blender -b /x -P /data/worlds/w/work/t1/scratch/render.py', '/data')).toBe(true)
    expect(namesOurScratch('/usr/bin/blender -b /data/worlds/w/scenes/s.blend', '/data')).toBe(false)
    expect(namesOurScratch('vim /data/worlds/notes', '/data')).toBe(false)
    expect(namesOurScratch('blender -P /other/data/worlds/w/work/t/render.py', '/data')).toBe(false)
  })
  test('is ended, whatever it does with signals', async () => {
    await mkdir(join(folder, 'worlds', 'w', 'work', 't'), { recursive: true })
    const marker = join(folder, 'worlds', 'w', 'work', 't', 'render.py')
    // It waits in the shell itself: a child between fork and exec would look like a second orphan. Once it speaks, its command line stands.
    const orphan = spawn('sh', ['-c', 'trap "" TERM; echo ready; read -r _', marker], { detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
    await once(orphan.stdout, 'data')
    expect(await reapOrphans(folder, quietLog)).toBe(1)
    if (orphan.exitCode === null && orphan.signalCode === null) await once(orphan, 'exit')
    expect(orphan.signalCode).toBe('SIGKILL')
    expect(await reapOrphans(folder, quietLog)).toBe(0)
  })
})
