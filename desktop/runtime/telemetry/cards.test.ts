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
  // Recorded on computers with these cards: tests/snapshots of https://github.com/ilya-zlobintsev/LACT at 238e315b.
  test.each([
    [
      'Radeon RX 6900 XT, idle and with its fan at rest',
      ...['0000:0c:00.0', '0x1002', { gpu_busy_percent: '3', mem_info_vram_used: '668274688', mem_info_vram_total: '17163091968' }],
      ...[{ temp1_input: '56000', power1_average: '36000000', pwm1: '0', freq1_input: '500000000', fan1_input: '0' }],
      ...[[3, 637, 16_368, 56, 36, 0, 500]],
    ],
    [
      'Radeon RX 580',
      ...['0000:09:00.0', '0x1002', { gpu_busy_percent: '11', mem_info_vram_used: '536870912', mem_info_vram_total: '4294967296' }],
      ...[{ temp1_input: '44000', power1_average: '41045000', pwm1: '35', freq1_input: '798080000', fan1_input: '595' }],
      ...[[11, 512, 4_096, 44, 41.05, 14, 798]],
    ],
    [
      'Radeon of a Ryzen 7040 (Phoenix), which has no fan',
      ...['0000:64:00.0', '0x1002', { gpu_busy_percent: '0', mem_info_vram_used: '1272893440', mem_info_vram_total: '4294967296' }],
      ...[{ temp1_input: '25000', power1_average: '3103000', power1_input: '3142000', freq1_input: '800000000' }],
      ...[[0, 1_214, 4_096, 25, 3.1, null, 800]],
    ],
    [
      'Arc A380 with i915, which writes no load, no memory and, in place of power, energy',
      ...['0000:0b:00.0', '0x8086', {}, { temp1_input: '55000', energy1_input: '25637161804', fan1_input: '0' }],
      ...[[null, null, null, 55, null, null, null]],
    ],
  ] as [string, string, string, Record<string, string>, Record<string, string>, (number | null)[]][])(
    'are read as recorded: %s',
    async (_name, address, vendor, files, sensors, values) => {
      const hwmon = Object.fromEntries(Object.entries(sensors).map(([file, text]) => [`hwmon/hwmon5/${file}`, text]))
      await putCard('card0', address, { vendor, ...files, ...hwmon })
      const [card] = createSysfsMeter({ root: join(folder, 'drm') }).newest()
      const { utilisationPercent, memoryUsedMiB, memoryTotalMiB, temperatureC, powerW, fanPercent, clockMHz } = card as LiveGpu
      expect([utilisationPercent, memoryUsedMiB, memoryTotalMiB, temperatureC, powerW, fanPercent, clockMHz]).toEqual(values)
    },
  )
  test('the power of a card that counts its energy is what it used between two looks', async () => {
    let nowMs = 0
    await putCard('card1', '0000:0b:00.0', { vendor: '0x8086', 'hwmon/hwmon1/energy1_input': '25637161804' })
    await writeFile(join(folder, 'drm', 'card1', 'gt_act_freq_mhz'), '600\n')
    const arc = createSysfsMeter({ root: join(folder, 'drm'), monotonicMs: () => nowMs })
    const uses = (microjoules: number) =>
      writeFile(join(folder, 'devices', '0000:0b:00.0', 'hwmon/hwmon1/energy1_input'), `${microjoules}\n`)
    expect(arc.newest()).toMatchObject([{ powerW: null, clockMHz: 600 }])
    nowMs += 2_000
    await uses(25_637_161_804 + 90_000_000)
    expect(arc.newest()).toMatchObject([{ powerW: 45 }])
    nowMs += 100
    expect(arc.newest(), 'too soon to tell another').toMatchObject([{ powerW: 45 }])
    nowMs += 1_000
    await uses(1_000)
    expect(arc.newest(), 'the counter began anew').toMatchObject([{ powerW: null }])
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
