import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LiveGpu, LiveNode } from '#shared/sync/live.ts'
import { manualClock } from '../testing/manualClock.ts'
import { quietLog } from '../testing/quietLog.ts'
import { systemClock } from '../systemClock.ts'
import { createGpuStream } from './gpuStream.ts'
import { metricsSeries, type MinuteMetrics } from '#shared/sync/minuteMetrics.ts'
import { createMinuteRollup } from './minuteRollup.ts'
import { createSysfsMeter } from './sysfsMeter.ts'
import { sysfsAddress, watchCards } from './watchCards.ts'

let folder: string
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'pictor-cards-'))))
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Makes files as a driver does: the device behind a link, named by its address. */
async function putCard(name: string, address: string, files: Record<string, string>): Promise<void> {
  const device = join(folder, 'devices', address)
  for (const [file, text] of Object.entries(files)) {
    await mkdir(join(device, file, '..'), { recursive: true })
    await writeFile(join(device, file), `${text}\n`)
  }
  await mkdir(join(folder, 'drm', name), { recursive: true })
  await symlink(device, join(folder, 'drm', name, 'device'))
}

describe('cards of AMD and Intel', () => {
  const meter = () => createSysfsMeter({ root: join(folder, 'drm'), names: new Map([['0000:03:00.0', 'Radeon RX 6800']]) })
  // Constructed after the kernel's documentation of amdgpu and i915; no such card was at hand.
  test('are read from the small files of their drivers', async () => {
    await putCard('card1', '0000:03:00.0', {
      vendor: '0x1002',
      gpu_busy_percent: '87',
      mem_info_vram_used: '4294967296',
      mem_info_vram_total: '17163091968',
      'hwmon/hwmon4/temp1_input': '63000',
      'hwmon/hwmon4/power1_average': '187000000',
      'hwmon/hwmon4/pwm1': '102',
      'hwmon/hwmon4/freq1_input': '2315000000',
    })
    await putCard('card0', '0000:00:02.0', { vendor: '0x8086' })
    await putCard('card2', '0000:04:00.0', { vendor: '0x10de' })
    await mkdir(join(folder, 'drm', 'card1-HDMI-A-1'))
    const cards = meter().newest()
    expect(cards.find(({ uuid }) => uuid === '0000:03:00.0')).toEqual({
      ...{ uuid: '0000:03:00.0', name: 'Radeon RX 6800', utilisationPercent: 87, memoryUsedMiB: 4_096, memoryTotalMiB: 16_368 },
      ...{ temperatureC: 63, powerW: 187, fanPercent: 40, clockMHz: 2_315 },
    })
    expect(cards.find(({ uuid }) => uuid === '0000:00:02.0')).toMatchObject({ name: 'Intel', utilisationPercent: null, temperatureC: null })
    // NVIDIA's own tool tells more.
    expect(cards).toHaveLength(2)
  })
  test('one that is gone is silent', async () => {
    await putCard('card0', '0000:03:00.0', { vendor: '0x1002' })
    const cards = meter()
    expect([cards.newest().length, cards.silent()]).toEqual([1, []])
    await rm(join(folder, 'drm', 'card0'), { recursive: true })
    expect([cards.newest(), cards.silent()]).toEqual([[], ['0000:03:00.0']])
  })
  test('a computer without any has none', () => expect([meter().newest(), meter().silent()]).toEqual([[], []]))
})

test('NVIDIA’s stream: a card that misses its lines is silent, its neighbour is not', async () => {
  const lines = (uuid: string) => `${uuid}, RTX, 1, 2, 3, 4, 5, 6, 7`
  const program = join(folder, 'nvidia-smi')
  // Both cards once, then only the first: as the tool does when a card falls off the bus.
  const script = `#!/bin/sh\necho "${lines('GPU-1')}"\necho "${lines('GPU-2')}"\nwhile sleep 0.2; do echo "${lines('GPU-1')}"; done\n`
  await writeFile(program, script, { mode: 0o755 })
  let skipMs = 0
  const clock = { ...systemClock, monotonicMs: () => performance.now() + skipMs }
  const stream = createGpuStream({ clock, log: quietLog, command: program })
  try {
    stream.every(200)
    await vi.waitFor(() => expect(stream.newest().map(({ uuid }) => uuid)).toEqual(['GPU-1', 'GPU-2']), { timeout: 10_000 })
    // A task begins: values come faster, and the first of them may take its time. That is no silence.
    skipMs = 10_000
    stream.every(100)
    expect(stream.silent()).toEqual([])
    await vi.waitFor(() => expect(stream.newest()).toHaveLength(2), { timeout: 10_000 })
    skipMs = 30_000
    await vi.waitFor(() => expect([stream.newest().map(({ uuid }) => uuid), stream.silent()]).toEqual([['GPU-1'], ['GPU-2']]), {
      timeout: 10_000,
    })
  } finally {
    stream.stop()
  }
})

describe('cards that go', () => {
  const card = (uuid: string) => ({ index: 0, uuid, name: 'RTX', vendor: 'NVIDIA', vramMiB: 1, driverVersion: '1' })
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  test('are noticed within 5 s, and so is their return', async () => {
    const clock = manualClock()
    const gone = new Set<string>()
    const silent: string[] = []
    const cards = [card('GPU-1'), card('GPU-2')]
    const watch = watchCards({ cards, silent: () => silent, clock, log: quietLog, isThere: ({ uuid }) => Promise.resolve(!gone.has(uuid)) })
    const changed = vi.fn()
    watch.onChange(changed)
    const pass = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 1_000) {
        clock.advance(1_000)
        await settle()
      }
    }
    await pass(10_000)
    expect([watch.lost().size, changed.mock.calls.length]).toEqual([0, 0])
    gone.add('GPU-2')
    await pass(5_000)
    expect([...watch.lost()]).toEqual(['GPU-2'])
    silent.push('GPU-1')
    await pass(5_000)
    expect([...watch.lost()]).toEqual(['GPU-1', 'GPU-2'])
    gone.clear()
    silent.pop()
    await pass(5_000)
    expect([watch.lost().size, changed.mock.calls.length]).toEqual([0, 3])
    watch.stop()
  })
  test('addresses are written as the system does', () => {
    expect(sysfsAddress('00000000:01:00.0')).toBe('0000:01:00.0')
    expect(sysfsAddress('00000001:0A:00.0')).toBe('0001:0a:00.0')
    expect(sysfsAddress('03:00.0')).toBe('0000:03:00.0')
    expect([sysfsAddress('card-0'), sysfsAddress('')]).toEqual([null, null])
  })
})

describe('a minute', () => {
  const gpu = (change: Partial<LiveGpu>): LiveGpu => ({
    ...{ uuid: 'GPU-1', name: 'RTX', utilisationPercent: null, memoryUsedMiB: null, memoryTotalMiB: null },
    ...{ temperatureC: null, powerW: null, fanPercent: null },
    ...change,
  })
  const value = (atMs: number, change: Partial<LiveNode> = {}): LiveNode => ({
    ...{ nodeId: 'n', atMs, cpuPercent: null, ramUsedMiB: null, ramTotalMiB: null, diskFreeMiB: null, gpus: [], tasks: [] },
    ...change,
  })
  test('is a line of means and the highest temperature; what was not measured stays unknown', () => {
    const minutes: MinuteMetrics[] = []
    const add = createMinuteRollup((minute) => minutes.push(minute))
    add(value(60_000, { cpuPercent: 10, gpus: [gpu({ utilisationPercent: 50, temperatureC: 60, powerW: 100 })] }))
    add(value(61_000, { cpuPercent: null }))
    add(value(119_999, { cpuPercent: 21, diskFreeMiB: 7, gpus: [gpu({ utilisationPercent: 100, temperatureC: 71, powerW: 101 })] }))
    expect(minutes).toEqual([])
    add(value(240_000))
    expect(minutes).toEqual([
      {
        ...{ at: 60_000, samples: 3, cpuPercent: 15.5, ramUsedMiB: null, diskFreeMiB: 7, tasks: 0 },
        gpus: [{ uuid: 'GPU-1', utilisationPercent: 75, memoryUsedMiB: null, maxTemperatureC: 71, powerW: 100.5 }],
      },
    ])
    // Minutes without a value are gaps, not lines.
    add(value(600_000))
    expect(minutes.map(({ at }) => at)).toEqual([60_000, 240_000])
  })
  test('stands in a series of its month', () => {
    expect(metricsSeries('node-1', Date.parse('2026-11-30T23:59:59Z'))).toBe('metrics/node-1.2026-11')
  })
})
