import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { LiveGpu } from '#shared/sync/live.ts'
import type { GpuMeter } from './gpuMeter.ts'

const vendors: Record<string, string> = { '0x1002': 'AMD', '0x8086': 'Intel' }
const mib = 1024 * 1024

/**
 * Cards of AMD (amdgpu) and Intel (i915, xe) on Linux, from the small files the driver keeps. Intel's drivers write no load there, and in place of
 * power the energy used so far. Cards go by their PCI address, as in the inventory. `names`: by address, where they are known better.
 */
export function createSysfsMeter({
  names = new Map<string, string>(),
  root = '/sys/class/drm',
  monotonicMs = () => performance.now(),
} = {}): GpuMeter {
  const seen = new Set<string>()
  const powerOf = createPowerOf(monotonicMs)
  const newest = (): LiveGpu[] => {
    const cards = list(root).flatMap((name) => (/^card\d+$/.test(name) ? readCard(join(root, name), names, powerOf) : []))
    for (const { uuid } of cards) seen.add(uuid)
    return cards
  }
  return {
    every: () => undefined,
    newest,
    silent() {
      if (seen.size === 0) return []
      const here = new Set(newest().map(({ uuid }) => uuid))
      return [...seen].filter((uuid) => !here.has(uuid))
    },
    stop: () => undefined,
  }
}

/** Watts from the energy that was used since the last look at it, which is at least half a second ago; null at the first look. */
function createPowerOf(monotonicMs: () => number): (uuid: string, microjoules: number) => number | null {
  const leastMs = 500
  const looks = new Map<string, { microjoules: number; atMs: number; watts: number | null }>()
  return (uuid, microjoules) => {
    const before = looks.get(uuid)
    const atMs = monotonicMs()
    if (before !== undefined && atMs - before.atMs < leastMs) return before.watts
    // Less than before: the counter began anew.
    const used = before === undefined || microjoules < before.microjoules ? null : microjoules - before.microjoules
    const watts = before === undefined || used === null ? null : Math.round((used / 1_000 / (atMs - before.atMs)) * 100) / 100
    looks.set(uuid, { microjoules, atMs, watts })
    return watts
  }
}

function readCard(card: string, names: ReadonlyMap<string, string>, powerOf: ReturnType<typeof createPowerOf>): LiveGpu[] {
  const device = join(card, 'device')
  const vendor = vendors[read(device, 'vendor')]
  if (vendor === undefined) return []
  const uuid = addressOf(device)
  const hwmon = list(join(device, 'hwmon'))[0]
  const sensor = (name: string) => (hwmon === undefined ? null : number(read(device, 'hwmon', hwmon, name)))
  const microwatts = sensor('power1_average') ?? sensor('power1_input')
  const pwm = sensor('pwm1')
  const temperature = sensor('temp1_input')
  const [used, total] = [number(read(device, 'mem_info_vram_used')), number(read(device, 'mem_info_vram_total'))]
  const energy = sensor('energy1_input')
  const hertz = sensor('freq1_input')
  const megahertz = number(read(card, 'gt_act_freq_mhz'))
  return [
    {
      uuid,
      name: names.get(uuid) ?? vendor,
      utilisationPercent: number(read(device, 'gpu_busy_percent')),
      memoryUsedMiB: used === null ? null : Math.round(used / mib),
      memoryTotalMiB: total === null ? null : Math.round(total / mib),
      temperatureC: temperature === null ? null : Math.round(temperature / 1_000),
      powerW: microwatts !== null ? Math.round(microwatts / 10_000) / 100 : energy === null ? null : powerOf(uuid, energy),
      fanPercent: pwm === null ? null : Math.round((pwm / 255) * 100),
      clockMHz: hertz === null ? megahertz : Math.round(hertz / 1e6),
    },
  ]
}

/** The folder is a link to the device, whose name is its PCI address: `0000:03:00.0`. */
function addressOf(device: string): string {
  try {
    return basename(realpathSync(device))
  } catch {
    return device
  }
}

function read(...path: string[]): string {
  try {
    return readFileSync(join(...path), 'utf8').trim()
  } catch {
    // Not every card has every sensor, and some cannot be read while the card sleeps.
    return ''
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

const number = (text: string): number | null => (/^-?\d+$/.test(text) ? Number(text) : null)
