import { durations } from '#shared/durations.ts'
import type { Clock } from '#shared/log.ts'
import type { LiveNode, LiveTask } from '#shared/sync/live.ts'
import { cpuPercent, readCpuTimes, type CpuTimes } from './cpuUsage.ts'
import type { GpuMeter } from './gpuMeter.ts'
import { readMemory } from './memoryUsage.ts'

export interface TelemetryOptions {
  nodeId: () => string
  /** The tasks in progress. */
  tasks: () => LiveTask[]
  diskFreeMiB: () => Promise<number | null>
  /** Stopped with the telemetry. */
  gpus: GpuMeter
  publish: (value: LiveNode) => void
  serverNow: () => number
  clock: Clock
}

export interface Telemetry {
  /** Somebody began or stopped watching this node. */
  setWatched(watched: boolean): void
  /** Work began or ended, or moved: the next value comes soon. */
  wake(): void
  newest(): LiveNode | null
  stop(): void
}

/** Measures once a second while somebody watches or work is done, every 15 s otherwise. A task's news is published at once. */
export function startTelemetry(options: TelemetryOptions): Telemetry {
  const { clock, publish } = options
  const { gpus } = options
  let watched = false
  let cpuBefore: CpuTimes = readCpuTimes()
  let newest: LiveNode | null = null
  let cancel = () => undefined as void
  let diskFreeMiB: number | null = null
  let diskReadAtMs = -Infinity
  let measuredAtMs = -Infinity
  let stopped = false

  const intervalMs = () => (watched || options.tasks().length > 0 ? durations.telemetryActiveMs : durations.telemetryIdleMs)
  const measure = () => {
    if (stopped) return
    const nowMs = clock.monotonicMs()
    measuredAtMs = nowMs
    if (nowMs - diskReadAtMs >= durations.documentRefreshMs) {
      diskReadAtMs = nowMs
      void options.diskFreeMiB().then((free) => (diskFreeMiB = free))
    }
    const cpuNow = readCpuTimes()
    const memory = readMemory()
    newest = {
      nodeId: options.nodeId(),
      atMs: options.serverNow(),
      cpuPercent: cpuPercent(cpuBefore, cpuNow) ?? newest?.cpuPercent ?? null,
      ramUsedMiB: memory.usedMiB,
      ramTotalMiB: memory.totalMiB,
      diskFreeMiB,
      gpus: gpus.newest(),
      tasks: options.tasks(),
    }
    cpuBefore = cpuNow
    publish(newest)
    schedule()
  }
  const schedule = () => {
    cancel()
    if (stopped) return
    const everyMs = intervalMs()
    gpus.every(everyMs)
    cancel = clock.after(Math.max(0, measuredAtMs + everyMs - clock.monotonicMs()), measure)
  }
  schedule()
  return {
    setWatched(next) {
      if (next === watched) return
      watched = next
      schedule()
    },
    wake: schedule,
    newest: () => newest,
    stop() {
      stopped = true
      cancel()
      gpus.stop()
    },
  }
}
