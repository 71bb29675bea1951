import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { writeDurably } from '../../storage/durableFile.ts'
import { deviceProofSchema, type DeviceProof } from './deviceProof.ts'

/** What failed is tried again after a day: a card may have been busy, and nobody should have to know of a cache. */
const failureKeptMs = 24 * 3_600_000
/** Of programs and drivers that are gone; far more than a computer has. */
const entriesKept = 200

const fileSchema = z.record(z.string(), z.object({ atMs: z.number(), proof: deviceProofSchema }))
type Entries = z.infer<typeof fileSchema>

/** Proofs on disk, by program, backend, card and driver: a change of any of them is another key. Never the truth: what cannot be read is proven again. */
export interface ProofCache {
  get(key: string): Promise<DeviceProof | null>
  put(key: string, proof: DeviceProof): void
  save(): Promise<void>
}

export function createProofCache(file: string, nowMs: () => number = Date.now): ProofCache {
  let loaded: Promise<Entries> | undefined
  let entries: Entries = {}
  let changed = false
  const load = () =>
    (loaded ??= readFile(file, 'utf8')
      .then((text) => fileSchema.parse(JSON.parse(text)))
      .catch((): Entries => ({}))
      .then((found) => (entries = { ...found, ...entries })))
  return {
    async get(key) {
      await load()
      const found = entries[key]
      if (found === undefined || (!found.proof.works && Math.abs(nowMs() - found.atMs) > failureKeptMs)) return null
      return found.proof
    },
    put(key, proof) {
      entries[key] = { atMs: nowMs(), proof }
      changed = true
    },
    async save() {
      if (!changed) return
      const newest = Object.entries(entries)
        .sort(([, a], [, b]) => b.atMs - a.atMs)
        .slice(0, entriesKept)
      entries = Object.fromEntries(newest)
      try {
        await mkdir(dirname(file), { recursive: true })
        changed = !(await writeDurably(file, JSON.stringify(entries))).ok
      } catch {
        // A read-only or full disk: the next start proves again.
      }
    },
  }
}
