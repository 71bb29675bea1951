import { basename } from 'node:path'
import { z } from 'zod'
import { repairSchema, type Repair } from '#shared/collections/node.schema.ts'
import { durations } from '#shared/durations.ts'
import { beginNewEra } from '../database/healOrder.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'
import type { Healed } from '../storage/healing/healFile.ts'
import { forgetIdentifier } from '../sync/replicateAll.ts'

const repairsFact = 'repairs'
const restoringFact = 'restoring'
const tokenFact = 'documentsToken'
const repairsKept = 5

/** What was damaged on this computer's disk and how it was mended, kept over restarts and shown. */
export interface Repairs {
  /** Newest first; of the last 30 days. */
  list(): Repair[]
  /** Tasks may be missing here: nothing is begun until the server has said what this node has in hand. */
  isRestoring(): boolean
  add(what: Repair['what'], healed: Pick<Healed, 'atMs' | 'keptAs' | 'isWhole'>): void
  /** The file of documents is another one than last time although nothing was set aside: it was deleted, or emptied. */
  noteToken(token: string): void
  /** What the server knows is here, and pictures on the disk were found again. */
  restored(found: { tasks: number; frames: number }): void
  onChange(listener: () => void): () => void
}

export function openRepairs({ local, now }: { local: LocalDatabase; now: () => number }): Repairs {
  const listeners = new Set<() => void>()
  const read = (): Repair[] => {
    const kept = z.array(repairSchema).safeParse(JSON.parse(local.readFact(repairsFact) ?? '[]'))
    return (kept.data ?? []).filter(({ at }) => Math.abs(now() - at) < durations.resultsKeptMs)
  }
  const write = (repairs: readonly Repair[]) => {
    local.writeFact(repairsFact, JSON.stringify(repairs.slice(0, repairsKept)))
    listeners.forEach((listener) => listener())
  }
  const isRestoring = () => local.readFact(restoringFact) === 'yes'
  const add: Repairs['add'] = (what, { atMs, keptAs, isWhole }) => {
    const waits = what === 'documents' && !isWhole
    const state = waits ? 'waiting' : 'done'
    local.transaction(() => {
      write([{ at: Math.floor(atMs), what, keptAs: basename(keptAs), state }, ...read()])
      if (what === 'settings') return
      // Whichever of the two was damaged, they may not be of the same moment any more.
      beginNewEra(local)
      forgetIdentifier(local)
      if (waits) local.writeFact(restoringFact, 'yes')
    })
  }
  return {
    list: read,
    isRestoring,
    add,
    noteToken(token) {
      const known = local.readFact(tokenFact)
      if (known === token) return
      // With a repair of this very start it is known why.
      if (known !== null && !isRestoring()) add('documents', { atMs: now(), keptAs: '', isWhole: false })
      local.writeFact(tokenFact, token)
    },
    restored({ tasks, frames }) {
      if (!isRestoring()) return
      local.transaction(() => {
        write(read().map((repair) => (repair.state === 'waiting' ? { ...repair, state: 'done', tasks, frames } : repair)))
        local.writeFact(restoringFact, '')
      })
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
