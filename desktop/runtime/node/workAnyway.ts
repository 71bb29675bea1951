import type { Worker } from '#shared/collections/worker.schema.ts'
import type { Clock } from '#shared/log.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'

const fact = 'workAnywayUntil'

/** Until when this node works although its preferences would hold it: set here, or by its owner from afar; the later counts. */
export interface WorkAnyway {
  /** Server time; null: its preferences count. */
  untilMs(): number | null
  setWanted(worker: Worker | null): void
  /** Server time; null takes it back. */
  setLocal(untilMs: number | null): void
  onChange(listener: () => void): () => void
  /** The server's time was set anew: ends are looked at again. */
  timeMoved(): void
  stop(): void
}

export interface WorkAnywayOptions {
  local: Pick<LocalDatabase, 'readFact' | 'writeFact'>
  clock: Clock
  serverNow: () => number
}

/** Outlives a restart, ends by itself. */
export function openWorkAnyway({ local, clock, serverNow }: WorkAnywayOptions): WorkAnyway {
  const listeners = new Set<() => void>()
  let here = Number(local.readFact(fact) ?? 0)
  let wanted = 0
  let told: number | null = null
  let cancel = () => undefined as void

  const untilMs = () => {
    const until = Math.max(here, wanted)
    return until > serverNow() ? until : null
  }
  const changed = () => {
    cancel()
    const until = untilMs()
    if (until !== null) cancel = clock.after(until - serverNow() + 1, changed)
    if (until === told) return
    told = until
    listeners.forEach((listener) => listener())
  }
  changed()
  return {
    untilMs,
    setWanted(worker) {
      wanted = worker?.wanted.workAnywayUntil ?? 0
      changed()
    },
    setLocal(until) {
      here = until ?? 0
      local.writeFact(fact, String(here))
      changed()
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    timeMoved: changed,
    stop: () => cancel(),
  }
}
