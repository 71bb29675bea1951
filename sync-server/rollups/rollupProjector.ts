import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Earning } from '#shared/collections/earning.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import { archivedRows, isArchivedIn } from '../archive/archiveProjector.ts'
import { asSegment, bodiesIn } from '../archive/segment.ts'
import { statementsOf } from '../jobs/statementsOf.ts'
import type { ProjectedChange, Projector } from '../projection/projector.ts'
import { linesOfEarning, linesOfTask, rollupFields, type RollupAmounts, type RollupLine } from './rollupLines.ts'

const columns = rollupFields.map((field) => `${field} INTEGER NOT NULL`).join(', ')

/**
 * Totals per owner or node, day and hour, kept by difference: each ledger entry and task remembers what it added, so that the same document
 * coming again, or changed, counts once. The result is the sum over the documents and the archived ones, whatever the order.
 */
export const rollupProjector: Projector = {
  name: 'rollups',
  version: 4,
  reads: ['archive', 'earnings', 'tasks'],
  tables: ['rollup_lines', 'rollup_totals'],
  createTables(database) {
    database.exec(`
      CREATE TABLE IF NOT EXISTS rollup_lines (
        source TEXT NOT NULL, owner_id TEXT NOT NULL, node_id TEXT NOT NULL, day TEXT NOT NULL, hour INTEGER NOT NULL, ${columns},
        PRIMARY KEY (source, day, hour)
      ) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS rollup_totals (
        who TEXT NOT NULL, owner_id TEXT NOT NULL, node_id TEXT, day TEXT NOT NULL, hour INTEGER NOT NULL, lines INTEGER NOT NULL, ${columns},
        PRIMARY KEY (who, day, hour)
      ) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS rollup_totals_by_day ON rollup_totals (day, who);
    `)
  },
  onChange(database, change) {
    if (change.ownerId === null && change.collection === 'archive') addArchived(database, change)
    if (change.ownerId === null || (change.collection !== 'earnings' && change.collection !== 'tasks')) return
    const isTask = change.collection === 'tasks'
    // What was put away still happened.
    if (isTask && change.document === null && archivedRows(database, change.ownerId, 'tasks', [change.id]).length > 0) return
    // Safe: the collections hold nothing else.
    const lines = !change.document ? [] : isTask ? linesOfTask(change.document as Task) : linesOfEarning(change.document as Earning)
    replaceLines(database, `${isTask ? 't' : 'e'}:${change.id}`, lines)
  },
}

/** Tasks that stand in the archive only: where this gateway learns of them when their own documents are gone. */
function addArchived(database: DatabaseSync, change: ProjectedChange): void {
  const segment = asSegment(change.document)
  if (segment?.ownerId == null || segment.collection !== 'tasks') return
  for (const body of bodiesIn(segment)) {
    const task = JSON.parse(body) as Task
    if (change.stands(segment.ownerId, 'tasks', task.id) || !isArchivedIn(database, segment.ownerId, 'tasks', task.id, segment.id)) continue
    replaceLines(database, `t:${task.id}`, linesOfTask(task))
  }
}

type Row = RollupAmounts & { owner_id: string; node_id: string; day: string; hour: number }

function replaceLines(database: DatabaseSync, source: string, lines: RollupLine[]): void {
  const sql = statementsOf(database, makeStatements)
  const before = sql.lines.all(source) as unknown as Row[]
  if (before.length === 0 && lines.length === 0) return
  for (const row of before) {
    const line: RollupLine = { ownerId: row.owner_id, nodeId: row.node_id, day: row.day, hour: row.hour, amounts: row }
    addTo(sql, line, -1)
  }
  sql.removeLines.run(source)
  for (const line of lines) {
    sql.insertLine.run(source, line.ownerId, line.nodeId, line.day, line.hour, ...rollupFields.map((field) => line.amounts[field]))
    addTo(sql, line, 1)
  }
  for (const row of before) for (const who of [row.owner_id, row.node_id]) sql.removeEmpty.run(who, row.day, row.hour)
}

function addTo(sql: Record<'add', StatementSync>, line: RollupLine, sign: 1 | -1): void {
  const amounts = rollupFields.map((field) => sign * line.amounts[field])
  sql.add.run(line.ownerId, line.ownerId, null, line.day, line.hour, sign, ...amounts)
  sql.add.run(line.nodeId, line.ownerId, line.nodeId, line.day, line.hour, sign, ...amounts)
}

export interface RollupTotals {
  ownerId: string
  nodeId: string | null
  hours: Array<RollupAmounts & { hour: number }>
}

/** The hours of a day of an owner or node; null when there is nothing. */
export function totalsOf(database: DatabaseSync, who: string, day: string): RollupTotals | null {
  const rows = statementsOf(database, makeStatements).totals.all(who, day) as unknown as (Row & { node_id: string | null })[]
  const [first] = rows
  return first ? { ownerId: first.owner_id, nodeId: first.node_id, hours: rows } : null
}

/** How the tasks of a node ended since that day. */
export function outcomesSince(database: DatabaseSync, nodeId: string, day: string): { completed: number; atFault: number } {
  return statementsOf(database, makeStatements).outcomes.get(nodeId, day) as unknown as { completed: number; atFault: number }
}

/** Who has totals on that day or later. */
export function totalsSince(database: DatabaseSync, day: string): { who: string; ownerId: string; day: string }[] {
  return statementsOf(database, makeStatements).since.all(day) as { who: string; ownerId: string; day: string }[]
}

/** Every owner and node with the days on which there are totals. */
export const allTotals = (database: DatabaseSync): { who: string; day: string }[] => totalsSince(database, '')

function makeStatements(
  database: DatabaseSync,
): Record<'lines' | 'removeLines' | 'insertLine' | 'add' | 'removeEmpty' | 'totals' | 'since' | 'outcomes', StatementSync> {
  const places = rollupFields.map(() => '?').join(', ')
  const sums = rollupFields.map((field) => `${field} = ${field} + excluded.${field}`).join(', ')
  return {
    lines: database.prepare('SELECT * FROM rollup_lines WHERE source = ?'),
    removeLines: database.prepare('DELETE FROM rollup_lines WHERE source = ?'),
    insertLine: database.prepare(`INSERT INTO rollup_lines VALUES (?, ?, ?, ?, ?, ${places})`),
    add: database.prepare(
      `INSERT INTO rollup_totals VALUES (?, ?, ?, ?, ?, ?, ${places}) ON CONFLICT DO UPDATE SET lines = lines + excluded.lines, ${sums}`,
    ),
    removeEmpty: database.prepare('DELETE FROM rollup_totals WHERE who = ? AND day = ? AND hour = ? AND lines = 0'),
    totals: database.prepare('SELECT * FROM rollup_totals WHERE who = ? AND day = ? ORDER BY hour'),
    outcomes: database.prepare(
      'SELECT coalesce(sum(tasksCompleted), 0) AS completed, coalesce(sum(tasksAtFault), 0) AS atFault FROM rollup_totals WHERE who = ? AND day >= ?',
    ),
    since: database.prepare('SELECT DISTINCT who, owner_id AS ownerId, day FROM rollup_totals WHERE day >= ?'),
  }
}
