import type { SystemEvent } from '#shared/api/systemEvents.ts'
import type { Clock } from '#shared/log.ts'

/** An idle time that was told counts for so long; whoever tells it does so every few seconds. */
const userFactKeptMs = 10_000
/** A session whose helper was silent for so long counts as ended. */
const sessionKeptMs = 30_000
const mostSessions = 50

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
  /** What the helpers in people's sessions see: the shortest idle time, and whether anybody is in full screen; null while none reports. */
  inSessions(): { idleMs: number | null; fullScreen: boolean | null } | null
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
  const sessions = new Map<string, { idleMs: number | null; fullScreen: boolean | null; toldAtMs: number }>()
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
      case 'session':
        // Somebody who makes up names must not fill the memory.
        if (sessions.size >= mostSessions && !sessions.has(event.session)) sessions.clear()
        sessions.set(event.session, { idleMs: event.idleMs, fullScreen: event.fullScreen, toldAtMs: clock.monotonicMs() })
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
    inSessions() {
      const nowMs = clock.monotonicMs()
      for (const [name, { toldAtMs }] of sessions) if (nowMs - toldAtMs > sessionKeptMs) sessions.delete(name)
      const all = [...sessions.values()]
      if (all.length === 0) return null
      const idle = all.flatMap(({ idleMs, toldAtMs }) => (idleMs === null ? [] : [idleMs + nowMs - toldAtMs]))
      const full = all.flatMap(({ fullScreen }) => (fullScreen === null ? [] : [fullScreen]))
      return { idleMs: idle.length === 0 ? null : Math.min(...idle), fullScreen: full.length === 0 ? null : full.includes(true) }
    },
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
