import type { JsonValue } from '#shared/json.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { watchedTopic } from '#shared/sync/live.ts'
import { freeMiB } from '../node/inventory.ts'
import type { ServerClock } from '../node/serverClock.ts'
import type { Stops } from '../stops.ts'
import type { Gateway } from '../tasks/ports.ts'
import type { TaskRunner } from '../tasks/taskRunner.ts'
import { startTelemetry } from '../telemetry/telemetry.ts'

export interface WorldTelemetryOptions {
  nodeId: string
  folder: string
  runner: TaskRunner
  uplink: Pick<Gateway, 'watch' | 'onLive'>
  serverClock: ServerClock
  clock: Clock
  log: Logger
}

/** Telemetry of this node for whoever listens; faster while somebody watches, here or at the gateway. */
export function startWorldTelemetry({ nodeId, folder, runner, uplink, serverClock, clock, log }: WorldTelemetryOptions, stops: Stops) {
  const listeners = new Set<(value: JsonValue) => void>()
  const watching = new Set<string>()
  const telemetry = startTelemetry({
    nodeId: () => nodeId,
    tasks: () => runner.live(),
    diskFreeMiB: () => freeMiB(folder),
    // Safe: made of numbers, strings and nulls only.
    publish: (value) => listeners.forEach((listener) => listener(value as unknown as JsonValue)),
    serverNow: () => serverClock.now(),
    clock,
    log,
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
