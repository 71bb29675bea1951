import type { DatabaseSync } from 'node:sqlite'

const keptMarks = 400

/**
 * Which position of CouchDB's feed belongs to which place of the local change log: at the time of a mark, every change up to `seq` stood at or
 * before `ordinal`. What moved behind it since has a later sequence in CouchDB too, so a client that has everything up to the ordinal may
 * go on from `seq` at another gateway: it gets some documents twice, and misses none.
 */
export function createMarks(database: DatabaseSync) {
  const insert = database.prepare('INSERT INTO marks VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq')
  const find = database.prepare('SELECT seq FROM marks WHERE store = ? AND ordinal <= ? ORDER BY ordinal DESC LIMIT 1')
  const count = database.prepare('SELECT count(*) AS n FROM marks WHERE store = ?')
  // Every second one of the older half goes: the far past gets coarse, and nothing gets wrong.
  const thin = database.prepare(`
    DELETE FROM marks WHERE store = ?1 AND ordinal IN (
      SELECT ordinal FROM (
        SELECT ordinal, row_number() OVER (ORDER BY ordinal) AS place FROM marks WHERE store = ?1
      ) WHERE place % 2 = 0 AND place <= ${keptMarks / 2}
    )`)
  const last = new Map<number, { ordinal: number; seq: string }>()
  const counts = new Map<number, number>()
  return {
    add(store: number, ordinal: number, seq: string): void {
      insert.run(store, ordinal, seq)
      const total = (counts.get(store) ?? Number(count.get(store)?.['n'] ?? 0)) + 1
      counts.set(store, total)
      if (total <= keptMarks) return
      thin.run(store)
      counts.set(store, Number(count.get(store)?.['n'] ?? 0))
    },
    /** After the commit: what is not on disk must not be answered. */
    committed(store: number, ordinal: number, seq: string): void {
      last.set(store, { ordinal, seq })
    },
    seqAt(store: number, ordinal: number): string | null {
      const newest = last.get(store)
      if (newest !== undefined && ordinal >= newest.ordinal) return newest.seq
      return (find.get(store, ordinal) as { seq: string } | undefined)?.seq ?? null
    },
  }
}
