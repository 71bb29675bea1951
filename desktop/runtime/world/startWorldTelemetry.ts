import type { JsonValue } from '#shared/json.ts'
import type { Clock } from '#shared/log.ts'
import { watchedTopic } from '#shared/sync/live.ts'
import { metricsSeries } from '#shared/sync/minuteMetrics.ts'
import { freeMiB } from '../node/inventory.ts'
import type { ServerClock } from '../node/serverClock.ts'
import type { Stops } from '../stops.ts'
import type { Gateway } from '../tasks/ports.ts'
import type { TaskRunner } from '../tasks/taskRunner.ts'
import type { GpuMeter } from '../telemetry/gpuMeter.ts'
import { createMinuteRollup } from '../telemetry/minuteRollup.ts'
import { startTelemetry } from '../telemetry/telemetry.ts'

export interface WorldTelemetryOptions {
  nodeId: string
  folder: string
  runner: TaskRunner
  gpus: GpuMeter
  /** A line for the series of that name. */
  append: (series: string, line: string) => void
  uplink: Pick<Gateway, 'watch' | 'onLive'>
  serverClock: ServerClock
  clock: Clock
}

/** Telemetry of this node for whoever listens; faster while somebody watches, here or at the gateway. */
export function startWorldTelemetry(
  { nodeId, folder, runner, gpus, append, uplink, serverClock, clock }: WorldTelemetryOptions,
  stops: Stops,
) {
  const listeners = new Set<(value: JsonValue) => void>()
  const watching = new Set<string>()
  const rollUp = createMinuteRollup((minute) => append(metricsSeries(nodeId, minute.at), `${JSON.stringify(minute)}\n`))
  const telemetry = startTelemetry({
    nodeId: () => nodeId,
    tasks: () => runner.live(),
    diskFreeMiB: () => freeMiB(folder),
    gpus,
    publish(value) {
      rollUp(value)
      // Safe: made of numbers, strings and nulls only.
      listeners.forEach((listener) => listener(value as unknown as JsonValue))
    },
    serverNow: () => serverClock.now(),
    clock,
  })
  stops.add(() => telemetry.stop())
  const setWatched = (who: string, watched: boolean) => {
    if (watched) watching.add(who)
    else watching.delete(who)
    telemetry.setWatched(watching.size > 0)
  }
  stops.add(
    uplink.watch(watchedTopic(nodeId), (value) => setWatched('gateway', isWatched(value))),
    uplink.onLive((live) => (live ? undefined : setWatched('gateway', false))),
    runner.onChange(() => telemetry.wake()),
  )
  return {
    setWatched,
    newest: () => telemetry.newest(),
    onLive(listener: (value: JsonValue) => void) {
      listeners.add(listener)
      const newest = telemetry.newest()
      if (newest !== null) listener(newest as unknown as JsonValue)
      return () => void listeners.delete(listener)
    },
  }
}

const isWatched = (value: JsonValue): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && value['watched'] === true
