import type { SystemEvent } from '#shared/api/systemEvents.ts'
import type { Clock } from '#shared/log.ts'

/** An idle time that was told counts for so long; whoever tells it does so every few seconds. */
const userFactKeptMs = 10_000

/**
 * What the shell of the desktop app was told by the system. Without a shell (command line, Docker) nothing is ever told and every fact is null:
 * the node's own probes stand alone then.
 */
export interface SystemFacts {
  tell(event: SystemEvent): void
  onBattery(): boolean | null
  /** Since the last key, or since the screen was locked. */
  idleMs(): number | null
  isLocked(): boolean
  /** The system asks to do less, or the machine is about to slow itself down. */
  isTooHot(): boolean
  /** After waking up, with how long the computer slept. */
  onSleep(listener: (sleptMs: number) => void): () => void
  onChange(listener: () => void): () => void
}

export function createSystemFacts(clock: Pick<Clock, 'now' | 'monotonicMs'>): SystemFacts {
  const sleepers = new Set<(sleptMs: number) => void>()
  const listeners = new Set<() => void>()
  let suspendedAtMs: number | null = null
  let lockedAtMs: number | null = null
  let onBattery: boolean | null = null
  let isTooHot = false
  let user: { idleMs: number; toldAtMs: number } | null = null

  function take(event: SystemEvent): void {
    switch (event.kind) {
      case 'suspend':
        // By the wall clock: the monotonic one may stand still meanwhile.
        suspendedAtMs = clock.now()
        return
      case 'resume': {
        if (suspendedAtMs === null) return
        const sleptMs = Math.max(0, clock.now() - suspendedAtMs)
        suspendedAtMs = null
        return sleepers.forEach((listener) => listener(sleptMs))
      }
      case 'lock':
        lockedAtMs = clock.monotonicMs()
        return
      case 'unlock':
        lockedAtMs = null
        return
      case 'power':
        onBattery = event.onBattery
        return
      case 'thermal':
        isTooHot = event.state === 'serious' || event.state === 'critical'
        return
      case 'user':
        user = { idleMs: event.idleMs, toldAtMs: clock.monotonicMs() }
        return
      case 'shutdown':
        // The stop follows from whoever started the node.
        return
    }
  }
  return {
    tell(event) {
      take(event)
      listeners.forEach((listener) => listener())
    },
    onBattery: () => onBattery,
    isLocked: () => lockedAtMs !== null,
    isTooHot: () => isTooHot,
    idleMs() {
      const nowMs = clock.monotonicMs()
      const told = user === null || nowMs - user.toldAtMs > userFactKeptMs ? null : user.idleMs + nowMs - user.toldAtMs
      return lockedAtMs === null ? told : Math.max(nowMs - lockedAtMs, told ?? 0)
    },
    onSleep(listener) {
      sleepers.add(listener)
      return () => void sleepers.delete(listener)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
