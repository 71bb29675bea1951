import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { durations } from '#shared/durations.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { LiveGpu } from '#shared/sync/live.ts'
import type { GpuMeter } from './gpuMeter.ts'

const mib = 1024 * 1024
/** Each look is a process: no more often than this, whatever is wanted. */
const leastEveryMs = 2_000
const missedLooks = 3

/** What one accelerator of a Mac says of itself. */
export interface AppleGpu {
  name: string | null
  utilisationPercent: number | null
  memoryUsedMiB: number | null
  temperatureC: number | null
  powerW: number | null
  fanPercent: number | null
  clockMHz: number | null
}

/**
 * The text of `ioreg -r -d 1 -w 0 -c IOAccelerator`: an entry begins with `+-o`, and `PerformanceStatistics` is one line of `"key"=number` pairs.
 * Apple's own chips say load and the memory of the system they hold; AMD's cards in older Macs also heat, power, fan and clock. Pure.
 */
export function parseIoreg(text: string): AppleGpu[] {
  return text
    .split(/^\s*(?:\|\s*)*\+-o /m)
    .slice(1)
    .flatMap((entry) => {
      const statistics = /"PerformanceStatistics"\s*=\s*\{([^}]*)\}/.exec(entry)?.[1]
      if (statistics === undefined) return []
      const value = (key: string): number | null => {
        // With its quotes: "In use system memory" must not be taken for "In use system memory (driver)".
        const at = statistics.indexOf(`"${key}"=`)
        const number = at < 0 ? null : /^-?\d+/.exec(statistics.slice(at + key.length + 3))?.[0]
        return number == null ? null : Number(number)
      }
      const percent = (key: string) => inRange(value(key), 0, 100)
      const bytes = value('vramUsedBytes') ?? value('In use system memory')
      const name = /"model"\s*=\s*(?:<)?"([^"]+)"/.exec(entry)?.[1]?.trim() ?? null
      return [
        {
          name,
          utilisationPercent: percent('Device Utilization %') ?? percent('Renderer Utilization %'),
          memoryUsedMiB: bytes === null || bytes < 0 ? null : Math.round(bytes / mib),
          temperatureC: inRange(value('Temperature(C)'), 1, 150),
          powerW: inRange(value('Total Power(W)'), 0, 2_000),
          fanPercent: percent('Fan Speed(%)'),
          clockMHz: inRange(value('Core Clock(MHz)'), 0, 10_000),
        },
      ]
    })
}

const inRange = (number: number | null, least: number, most: number): number | null =>
  number === null || number < least || number > most ? null : number

export interface AppleMeterOptions {
  /** As the inventory lists them: accelerators come in the same order. */
  cards: readonly { uuid: string; name: string; vramMiB: number | null }[]
  clock: Clock
  log: Logger
  /** For tests; default: ioreg. */
  read?: () => Promise<string>
}

/** The cards of a Mac, by `ioreg`, which needs no rights. Written after public output of the tool; no Mac was at hand (`unverified`). */
export function createAppleMeter({ cards, clock, log, read = ioreg }: AppleMeterOptions): GpuMeter {
  let newest: { gpus: LiveGpu[]; atMs: number } = { gpus: [], atMs: -Infinity }
  let everyMs = 0
  let failures = 0
  let looking = false
  let cancel = () => undefined as void
  let stopped = false
  const seen = new Set<string>()
  const isFresh = () => clock.monotonicMs() - newest.atMs < missedLooks * Math.max(leastEveryMs, everyMs)

  const look = async () => {
    looking = true
    try {
      const found = parseIoreg(await read())
      failures = 0
      const gpus = cards.flatMap(({ uuid, name, vramMiB }, index): LiveGpu[] => {
        const gpu = found.find((one) => one.name !== null && one.name === name) ?? found[index]
        return gpu === undefined ? [] : [{ ...gpu, uuid, name, memoryTotalMiB: vramMiB }]
      })
      for (const { uuid } of gpus) seen.add(uuid)
      newest = { gpus, atMs: clock.monotonicMs() }
    } catch (error) {
      failures += 1
      if (failures === 1) log.warn('the graphics card could not be measured', { reason: String(error).slice(0, 200) })
    }
    looking = false
    if (!stopped && everyMs > 0)
      cancel = clock.after(Math.max(leastEveryMs, everyMs) * (failures > missedLooks ? 10 : 1), () => void look())
  }
  return {
    every(intervalMs) {
      if (intervalMs === everyMs || stopped) return
      everyMs = intervalMs
      cancel()
      if (!looking) void look()
    },
    newest: () => (isFresh() ? newest.gpus : []),
    silent() {
      if (!isFresh()) return []
      const here = new Set(newest.gpus.map(({ uuid }) => uuid))
      return [...seen].filter((uuid) => !here.has(uuid))
    },
    stop() {
      stopped = true
      cancel()
    },
  }
}

const ioreg = async () =>
  (
    await promisify(execFile)('ioreg', ['-r', '-d', '1', '-w', '0', '-c', 'IOAccelerator'], {
      timeout: durations.requestTimeoutMs,
      maxBuffer: 16 * mib,
    })
  ).stdout
