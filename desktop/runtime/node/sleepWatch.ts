import { uptime } from 'node:os'
import { durations } from '#shared/durations.ts'
import type { Clock } from '#shared/log.ts'

const lookEveryMs = 5_000

/**
 * Notices that the computer slept or hibernated. The system's uptime counts sleep. A monotonic clock that stops in sleep (Linux, macOS) tells
 * it exactly; one that runs on (Windows) shows a look that came much too late. Setting the clock moves neither.
 * `onSleep` is told once, after waking up, how long it was.
 */
export function startSleepWatch(
  clock: Clock,
  onSleep: (sleptMs: number) => void,
  uptimeMs: () => number = () => uptime() * 1_000,
): () => void {
  let before = { up: uptimeMs(), ran: clock.monotonicMs() }
  let cancel = clock.after(lookEveryMs, look)
  function look(): void {
    const now = { up: uptimeMs(), ran: clock.monotonicMs() }
    const stood = now.up - before.up - (now.ran - before.ran)
    const late = process.platform === 'win32' ? now.ran - before.ran - lookEveryMs : 0
    before = now
    cancel = clock.after(lookEveryMs, look)
    const sleptMs = Math.max(stood, late)
    if (sleptMs >= durations.sleepDetectedMs) onSleep(Math.round(sleptMs))
  }
  return () => cancel()
}
