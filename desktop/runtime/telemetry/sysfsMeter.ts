import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { LiveGpu } from '#shared/sync/live.ts'
import type { GpuMeter } from './gpuMeter.ts'

const vendors: Record<string, string> = { '0x1002': 'AMD', '0x8086': 'Intel' }
const mib = 1024 * 1024

/**
 * Cards of AMD (amdgpu) and Intel (i915, xe) on Linux, from the small files the driver keeps. Intel's drivers write no load there.
 * Cards go by their PCI address, as in the inventory. `names`: by address, where they are known better.
 */
export function createSysfsMeter({ names = new Map<string, string>(), root = '/sys/class/drm' } = {}): GpuMeter {
  const seen = new Set<string>()
  const newest = (): LiveGpu[] => {
    const cards = list(root).flatMap((name) => (/^card\d+$/.test(name) ? readCard(join(root, name, 'device'), names) : []))
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

function readCard(device: string, names: ReadonlyMap<string, string>): LiveGpu[] {
  const vendor = vendors[read(device, 'vendor')]
  if (vendor === undefined) return []
  const uuid = addressOf(device)
  const hwmon = list(join(device, 'hwmon'))[0]
  const sensor = (name: string) => (hwmon === undefined ? null : number(read(device, 'hwmon', hwmon, name)))
  const microwatts = sensor('power1_average') ?? sensor('power1_input')
  const pwm = sensor('pwm1')
  const temperature = sensor('temp1_input')
  const [used, total] = [number(read(device, 'mem_info_vram_used')), number(read(device, 'mem_info_vram_total'))]
  const hertz = sensor('freq1_input')
  return [
    {
      uuid,
      name: names.get(uuid) ?? vendor,
      utilisationPercent: number(read(device, 'gpu_busy_percent')),
      memoryUsedMiB: used === null ? null : Math.round(used / mib),
      memoryTotalMiB: total === null ? null : Math.round(total / mib),
      temperatureC: temperature === null ? null : Math.round(temperature / 1_000),
      powerW: microwatts === null ? null : Math.round(microwatts / 10_000) / 100,
      fanPercent: pwm === null ? null : Math.round((pwm / 255) * 100),
      clockMHz: hertz === null ? null : Math.round(hertz / 1e6),
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
