import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { finalAt } from '#shared/rules/settlement.ts'
import { statementsOf } from '../jobs/statementsOf.ts'
import { durations } from '#shared/durations.ts'
import type { DocumentStore } from '../store/documentStore.ts'

/** So many at a time; the rest wait for the next look. */
const mostAtOnce = 2_000
const batch = 100

/**
 * What the network owes and nobody reversed in time is final. Only ever forward, each by compare-and-swap: what a run leaves, the next one does.
 * Returns how many entries became final. Rejects with SERVER_STORE_UNREACHABLE.
 */
export async function finaliseEarnings(store: DocumentStore, database: DatabaseSync, nowMs: number): Promise<number> {
  const due = statementsOf(database, makeStatements).due.all(nowMs - durations.networkFinalAfterMs, mostAtOnce) as unknown as Due[]
  let done = 0
  for (const [ownerId, ids] of byOwner(due))
    for (let from = 0; from < ids.length; from += batch) {
      const standing = await Promise.all(ids.slice(from, from + batch).map((id) => store.read(ownerId, 'earnings', id)))
      const rows = standing.flatMap((stored) =>
        stored?.document.state === 'pending' && finalAt(stored.document) <= nowMs
          ? [{ rev: stored.rev, document: { ...stored.document, state: 'final' as const, stateChangedAt: nowMs, updatedAt: nowMs } }]
          : [],
      )
      if (rows.length > 0) done += (await store.write(ownerId, 'earnings', rows)).filter(({ written }) => written).length
    }
  return done
}

interface Due {
  ownerId: string
  id: string
}

function byOwner(due: readonly Due[]): Map<string, string[]> {
  const owners = new Map<string, string[]>()
  for (const { ownerId, id } of due) owners.set(ownerId, [...(owners.get(ownerId) ?? []), id])
  return owners
}

function makeStatements(database: DatabaseSync): Record<'due', StatementSync> {
  return {
    // The states are said twice: the first time as the index says them, so that it is taken.
    due: database.prepare(`
      SELECT owner_id AS ownerId, id FROM ledger_lines INDEXED BY ledger_lines_owed
      WHERE self = 0 AND state IN ('pending', 'final') AND state = 'pending' AND at <= ? ORDER BY at LIMIT ?`),
  }
}
