import { z } from 'zod'
import type { Worker } from '#shared/collections/worker.schema.ts'
import type { Clock } from '#shared/log.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'
import { effectivePause, type EffectivePause, type LocalPause } from '../tasks/pause.ts'

/** The pause that holds now: the owner's wish from the worker's document and the one set at this computer, put together. */
export interface Pauses {
  current(): EffectivePause
  /** The owner's generation that `current` answers to. */
  generation(): number
  setWanted(worker: Worker | null): void
  setLocal(pause: Omit<LocalPause, 'sinceMs'> | null): void
  onChange(listener: () => void): () => void
  /** The server's time was set anew: ends are looked at again. */
  timeMoved(): void
  stop(): void
}

const fact = 'localPause'
const localSchema = z.object({
  kind: z.enum(['now', 'afterFrame', 'afterTask', 'drain']),
  sinceMs: z.number(),
  untilMs: z.number().optional(),
})

export interface PausesOptions {
  local: Pick<LocalDatabase, 'readFact' | 'writeFact'>
  clock: Clock
  serverNow: () => number
}

export function openPauses({ local, clock, serverNow }: PausesOptions): Pauses {
  const listeners = new Set<() => void>()
  let wanted: Worker['wanted'] | null = null
  let here: LocalPause | null = readLocal(local.readFact(fact))
  let cancel = () => undefined as void

  const changed = () => {
    cancel()
    const { nextChangeMs } = effectivePause(wanted, here, serverNow())
    if (nextChangeMs !== null) cancel = clock.after(Math.max(0, nextChangeMs - serverNow()) + 1, changed)
    listeners.forEach((listener) => listener())
  }
  changed()
  return {
    current: () => effectivePause(wanted, here, serverNow()),
    generation: () => wanted?.generation ?? 0,
    setWanted(worker) {
      wanted = worker?.wanted ?? null
      changed()
    },
    setLocal(pause) {
      here = pause === null ? null : { ...pause, sinceMs: serverNow() }
      local.writeFact(fact, here === null ? '' : JSON.stringify(here))
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

function readLocal(text: string | null): LocalPause | null {
  if (text === null || text === '') return null
  const { kind, sinceMs, untilMs } = localSchema.parse(JSON.parse(text))
  return untilMs === undefined ? { kind, sinceMs } : { kind, sinceMs, untilMs }
}
