import { getChangedDocumentsSince, type RxStorageInstance } from 'rxdb'
import type { LocalDatabase } from './localDatabase.ts'

/** A collection's documents as the storage keeps them; of which type does not matter here. */
export type ChangeOrdered = RxStorageInstance<object, unknown, unknown>

const fact = 'changeOrderEra'
const pageSize = 500
/** Writes of the last moments before a restart are not a clock that was set back. */
const toleranceMs = 1_000

/**
 * RxDB orders changes by the wall clock at writing. When the clock was set back between two starts, new changes would sort before those
 * that checkpoints have passed, and would never be pushed or shown. So documents from the "future" are written again with today's
 * time, and the era grows: replications and windows then compare everything anew instead of trusting their checkpoints.
 * @returns the era
 */
export async function healOrder(instances: readonly ChangeOrdered[], local: LocalDatabase, now: () => number): Promise<number> {
  const era = Number(local.readFact(fact) ?? 0)
  let healed = 0
  for (const instance of instances) healed += await rewriteFuture(instance, now() + toleranceMs)
  if (healed === 0) return era
  local.writeFact(fact, String(era + 1))
  return era + 1
}

/** Replications and windows compare everything anew: what the database holds may not be what their checkpoints have passed. */
export function beginNewEra(local: LocalDatabase): void {
  // Numbers that were used before may be lost with the database that held them.
  local.writeFact(fact, String(Math.max(Number(local.readFact(fact) ?? 0) + 1, Math.floor(Date.now() / 1_000))))
}

async function rewriteFuture(instance: ChangeOrdered, afterMs: number): Promise<number> {
  const idField = instance.schema.primaryKey as string
  // Rewritten documents may come by again at the end, where this process's own clock never goes back.
  const healed = new Set<string>()
  let checkpoint: unknown = { id: '', lwt: afterMs }
  for (;;) {
    const page = await getChangedDocumentsSince(instance, pageSize, checkpoint)
    const rows = page.documents
      .filter((document) => !healed.has((document as unknown as Record<string, string>)[idField] ?? ''))
      .map((document) => ({ previous: document, document }))
    if (rows.length === 0) return healed.size
    const written = await instance.bulkWrite(rows, 'clock-set-back')
    const failed = written.error[0]
    if (failed !== undefined) throw new Error(`could not rewrite ${failed.documentId}: status ${failed.status}`)
    for (const { document } of rows) healed.add((document as unknown as Record<string, string>)[idField] ?? '')
    checkpoint = page.checkpoint
  }
}
