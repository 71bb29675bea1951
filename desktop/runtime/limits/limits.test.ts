import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createHolds, type Holds } from '../node/holds.ts'
import { manualClock, type ManualClock } from '../testing/manualClock.ts'
import { quietLog } from '../testing/quietLog.ts'
import { folderBytes, watchDiskRoom } from './diskRoom.ts'
import { cappedW, createPowerCap } from './powerCap.ts'
import { allPower, nvidiaPower, parsePowerLimits, sysfsPower } from './powerMeans.ts'

const mib = 1024 * 1024
let folder: string
let clock: ManualClock
let holds: Holds
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictor-limits-'))
  clock = manualClock()
  holds = createHolds({ clock, serverNow: () => clock.now() })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('disk', () => {
  test('the node rests while it takes more than it may, says how much, and goes on when there is room', async () => {
    await mkdir(join(folder, 'cache'))
    await writeFile(join(folder, 'cache', 'scene'), Buffer.alloc(2 * mib))
    expect(await folderBytes(folder)).toBe(2 * mib)
    let wanted: { maxDataMiB?: number; keepFreeMiB?: number } = { maxDataMiB: 1 }
    let free = 1_000 * mib
    const room = watchDiskRoom({ folder, holds, clock, wanted: () => wanted, freeBytes: () => Promise.resolve(free), busy: () => false })
    room.wake()
    await vi.waitFor(() => expect(holds.list()).toMatchObject([{ code: 'DISK_LIMIT', details: { overMiB: 1 } }]))
    expect(holds.blocking()).toBe(true)
    wanted = { maxDataMiB: 1_024 }
    clock.advance(30_000)
    await vi.waitFor(() => expect(holds.list()).toEqual([]))
    expect(await room.roomBytes()).toBe(1_022 * mib)

    wanted = { keepFreeMiB: 1_100 }
    room.wake()
    await vi.waitFor(() => expect(holds.list()).toMatchObject([{ code: 'DISK_LIMIT', details: { overMiB: 100 } }]))
    // A little is not enough: it would swing.
    free = 1_110 * mib
    clock.advance(30_000)
    await new Promise((resolve) => setImmediate(resolve))
    expect(holds.has('DISK_LIMIT')).toBe(true)
    wanted = {}
    room.wake()
    await vi.waitFor(() => expect(holds.list()).toEqual([]))
    expect(await room.roomBytes()).toBe(Infinity)
    room.stop()
  })
})

describe('power', () => {
  const answer = 'GPU-a, 450.00, 150.00, 600.00, 450.00\nGPU-b, 200.00, 150.00, 220.00, 210.00\nGPU-c, [N/A], [N/A], [N/A], [N/A]\n'
  const setUp = (tool: (args: readonly string[]) => Promise<string>) => {
    const facts = new Map<string, string>()
    const local = {
      readFact: (key: string) => facts.get(key) ?? null,
      writeFact: (key: string, value: string) => void facts.set(key, value),
    }
    return {
      facts,
      open: () => createPowerCap({ local, clock, log: quietLog, means: allPower([nvidiaPower(tool), sysfsPower(join(folder, 'drm'))]) }),
    }
  }
  test('reads the limits of cards and stays inside of them', () => {
    const [a, b, ...others] = parsePowerLimits(answer)
    expect(others).toEqual([])
    expect([a && cappedW(a, 60), b && cappedW(b, 60), a && cappedW(a, 100)]).toEqual([270, 150, 450])
  })
  test('is capped while something is rendered and put back a while after, also after a power cut', async () => {
    const limits: Record<string, number> = { 'GPU-a': 450, 'GPU-b': 210 }
    const { open, facts } = setUp(async (args) => {
      if (args[0] === '-i') limits[String(args[1])] = Number(args[3])
      return answer
    })
    const first = open()
    first.set(50, false)
    expect(limits).toEqual({ 'GPU-a': 450, 'GPU-b': 210 })
    first.set(50, true)
    await vi.waitFor(() => expect(limits).toEqual({ 'GPU-a': 225, 'GPU-b': 150 }))
    expect(first.state()).toEqual({ state: 'set' })
    first.set(50, false)
    clock.advance(29_000)
    first.set(50, true)
    first.set(50, false)
    clock.advance(30_001)
    await vi.waitFor(() => expect(limits).toEqual({ 'GPU-a': 450, 'GPU-b': 210 }))
    first.set(50, true)
    await vi.waitFor(() => expect(limits['GPU-a']).toBe(225))
    // The power fails here: the next start puts back what was before.
    expect(facts.get('powerLimitsBefore')).toContain('450')
    const second = open()
    await vi.waitFor(() => expect(limits).toEqual({ 'GPU-a': 450, 'GPU-b': 210 }))
    second.set(50, true)
    await vi.waitFor(() => expect(limits['GPU-a']).toBe(225))
    await second.stop()
    expect(limits).toEqual({ 'GPU-a': 450, 'GPU-b': 210 })
  })
  test('says where it may not, and where there is nothing to cap', async () => {
    const refused = Object.assign(new Error('exit code 4'), {
      stdout: 'Changing power management limit is not supported in current scope: Insufficient Permissions',
    })
    const denied = setUp((args) => (args[0] === '-i' ? Promise.reject(refused) : Promise.resolve(answer))).open()
    denied.set(50, true)
    await vi.waitFor(() => expect(denied.state()).toMatchObject({ state: 'notAllowed' }))
    denied.set(undefined, true)
    expect(denied.state()).toBeUndefined()
    const none = setUp(() => Promise.reject(new Error('spawn nvidia-smi ENOENT'))).open()
    none.set(50, true)
    await vi.waitFor(() => expect(none.state()).toMatchObject({ state: 'unsupported' }))
  })

  test('cards of AMD and Intel are capped by the files of their drivers (constructed), each within what it allows', async () => {
    const card = async (name: string, address: string, files: Record<string, string>) => {
      const device = join(folder, 'devices', address)
      const { vendor = '', ...sensors } = files
      await mkdir(join(device, 'hwmon', 'hwmon3'), { recursive: true })
      await mkdir(join(folder, 'drm', name), { recursive: true })
      await writeFile(join(device, 'vendor'), `${vendor}\n`)
      for (const [file, text] of Object.entries(sensors)) await writeFile(join(device, 'hwmon', 'hwmon3', file), `${text}\n`)
      await symlink(device, join(folder, 'drm', name, 'device'))
      return join(device, 'hwmon', 'hwmon3')
    }
    const amd = await card('card0', '0000:03:00.0', {
      ...{
        vendor: '0x1002',
        power1_cap: '303000000',
        power1_cap_default: '303000000',
        power1_cap_min: '272000000',
        power1_cap_max: '348000000',
      },
    })
    const intel = await card('card1', '0000:07:00.0', { vendor: '0x8086', power1_max: '190000000', power1_rated_max: '190000000' })
    await card('card2', '0000:00:02.0', { vendor: '0x8086' })
    const { open } = setUp(() => Promise.reject(new Error('spawn nvidia-smi ENOENT')))
    const read = async () => [await readFile(join(amd, 'power1_cap'), 'utf8'), await readFile(join(intel, 'power1_max'), 'utf8')]
    const cap = open()
    cap.set(60, true)
    await vi.waitFor(() => expect(cap.state()).toEqual({ state: 'set' }))
    // 60 % would be 182 W, less than this card of AMD allows.
    expect(await read()).toEqual(['272000000', '114000000'])
    await cap.stop()
    expect(await read()).toEqual(['303000000', '190000000'])
  })
})
