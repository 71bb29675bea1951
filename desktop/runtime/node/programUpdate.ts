import type { UpdateNote } from '#shared/collections/node.schema.ts'
import type { Worker } from '#shared/collections/worker.schema.ts'
import { jsonEquals } from '#shared/json.ts'
import type { UpdateChannel } from '#shared/updates/version.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'
import type { Holds } from './holds.ts'

const requestFact = 'updateRequestDone'
const cutFact = 'workCutBy'

/** What the node's program and its work have to do with each other while it is updated; the launcher does the update. */
export interface ProgramUpdate {
  /** For the node's document; null: the launcher said nothing. */
  note(): UpdateNote | null
  setNote(note: UpdateNote | null): void
  onChange(listener: () => void): () => void
  /** What the owner wishes. `requested` is true once for each time that an update was asked for. */
  wishes(): { autoUpdate: boolean; channel: UpdateChannel; requested: boolean }
  /** Finish the frame in progress and begin no other; null lets go. A restart lets go too: nothing of it is kept. */
  drain(untilMs: number | null): void
  /** Work is about to be cut. */
  cut(code: string, atMs: number): void
  /** Why the last run's work was cut, once. */
  takeCut(): { code: string; at: number } | null
}

export interface ProgramUpdateOptions {
  local: Pick<LocalDatabase, 'readFact' | 'writeFact'>
  holds: Pick<Holds, 'set' | 'clear'>
  wanted: () => Worker['wanted'] | undefined
  /** How much later server time is than this computer's. */
  serverOffsetMs: () => number
}

export function openProgramUpdate({ local, holds, wanted, serverOffsetMs }: ProgramUpdateOptions): ProgramUpdate {
  const listeners = new Set<() => void>()
  let current: UpdateNote | null = null
  return {
    note: () => current,
    setNote(note) {
      if (jsonEquals(current, note)) return
      current = note
      for (const listener of [...listeners]) listener()
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    wishes() {
      const { autoUpdate = true, updateChannel = 'latest', updateRequestedAt = 0 } = wanted() ?? {}
      const requested = updateRequestedAt > Number(local.readFact(requestFact) ?? 0)
      if (requested) local.writeFact(requestFact, String(updateRequestedAt))
      return { autoUpdate, channel: updateChannel, requested }
    },
    drain(untilMs) {
      if (untilMs === null) holds.clear('UPDATE_WAITS')
      else holds.set('UPDATE_WAITS', { blocks: false, afterFrame: true, expectedMs: untilMs + serverOffsetMs() })
    },
    cut: (code, atMs) => local.writeFact(cutFact, `${code} ${atMs}`),
    takeCut() {
      const [code = '', at] = (local.readFact(cutFact) ?? '').split(' ')
      if (code === '') return null
      local.writeFact(cutFact, '')
      return { code, at: Number(at) }
    },
  }
}
