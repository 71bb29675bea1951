import type { Worker } from '#shared/collections/worker.schema.ts'

export type PauseKind = Worker['wanted']['pause']

/** A pause set at this computer itself; it works offline and outlives restarts. */
export interface LocalPause {
  kind: PauseKind
  sinceMs: number
  untilMs?: number
}

export interface EffectivePause {
  kind: PauseKind
  /** Hold codes with their ends: who paused. */
  holds: Array<{ code: 'PAUSED_HERE' | 'PAUSED_BY_OWNER'; untilMs?: number }>
  /** When the next pause ends by itself. */
  nextChangeMs: number | null
}

/** The stricter first. */
const strictness: readonly PauseKind[] = ['now', 'afterFrame', 'afterTask', 'drain', 'none']

/** The pause that holds when the owner's wish and the local one are put together: the stricter wins. */
export function effectivePause(wanted: Worker['wanted'] | null, local: LocalPause | null, nowMs: number): EffectivePause {
  const pauses = [
    { code: 'PAUSED_BY_OWNER' as const, kind: wanted?.pause ?? 'none', untilMs: wanted?.pauseUntil },
    { code: 'PAUSED_HERE' as const, kind: local?.kind ?? 'none', untilMs: local?.untilMs },
  ].filter(({ kind, untilMs }) => kind !== 'none' && (untilMs === undefined || untilMs > nowMs))
  const ends = pauses.flatMap(({ untilMs }) => (untilMs === undefined ? [] : [untilMs]))
  return {
    kind: strictness.find((kind) => pauses.some((pause) => pause.kind === kind)) ?? 'none',
    holds: pauses.map(({ code, untilMs }) => (untilMs === undefined ? { code } : { code, untilMs })),
    nextChangeMs: ends.length === 0 ? null : Math.min(...ends),
  }
}

/** A hold that lets the frame in progress finish is a pause after the frame, unless a stricter one holds anyway. */
export function withHolds(pause: EffectivePause, holds: { afterFrame(): boolean }): EffectivePause {
  if (!holds.afterFrame() || strictness.indexOf(pause.kind) <= strictness.indexOf('afterFrame')) return pause
  return { ...pause, kind: 'afterFrame' }
}
