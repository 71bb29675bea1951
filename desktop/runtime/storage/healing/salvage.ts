import { existsSync, rmSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'

export interface Salvaged {
  rows: number
  /** Every table could be read to its end. */
  isWhole: boolean
}

/**
 * Copies what can still be read of a damaged database into a new one: each table from its beginning, and where that ends at a damaged page,
 * from its end. Documents that are no JSON any more are left out. Where nothing can be read no new file is made.
 * Indexes are made anew by whoever opens the database.
 * @param from the damaged file; it is not changed
 * @param to must not exist
 */
export function salvage(from: string, to: string): Salvaged {
  const damaged = openDamaged(from)
  if (damaged === null) return { rows: 0, isWhole: false }
  const fresh = new DatabaseSync(to)
  const found: Salvaged = { rows: 0, isWhole: true }
  try {
    fresh.exec('PRAGMA page_size = 8192; PRAGMA synchronous = FULL; BEGIN IMMEDIATE')
    for (const { name, sql } of tablesOf(damaged, found)) copyTable({ damaged, fresh, found }, name, sql)
    const version = attempt(() => Number(damaged.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0))
    if (version !== null) fresh.exec(`PRAGMA user_version = ${version}`)
    fresh.exec('COMMIT')
  } finally {
    damaged.close()
    fresh.close()
  }
  if (found.rows === 0) for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${to}${suffix}`, { force: true })
  return found
}

/** For reading; where even that changes the file (a log to take in), it is the copy that was set aside. */
function openDamaged(path: string): DatabaseSync | null {
  if (!existsSync(path)) return null
  const database = new DatabaseSync(path, { timeout: 1_000 })
  if (attempt(() => database.prepare('SELECT count(*) FROM sqlite_master').get()) !== null) return database
  database.close()
  return null
}

function tablesOf(damaged: DatabaseSync, found: Salvaged): { name: string; sql: string }[] {
  const sql = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
  const tables = attempt(() => damaged.prepare(sql).all())
  found.isWhole &&= tables !== null
  return (tables ?? []).map((row) => ({ name: String(row['name']), sql: String(row['sql']) }))
}

interface Copying {
  damaged: DatabaseSync
  fresh: DatabaseSync
  found: Salvaged
}

function copyTable({ damaged, fresh, found }: Copying, name: string, sql: string): void {
  const quoted = `"${name.replaceAll('"', '""')}"`
  if (attempt(() => fresh.exec(sql)) === null) return void (found.isWhole = false)
  const columns = fresh
    .prepare(`PRAGMA table_info(${quoted})`)
    .all()
    .map((row) => `"${String(row['name'])}"`)
  const hasRowId = !/WITHOUT\s+ROWID/i.test(sql)
  const list = [...(hasRowId ? ['rowid'] : []), ...columns].join(', ')
  const json = columns.indexOf('"json"') + (hasRowId ? 1 : 0)
  const insert = fresh.prepare(`INSERT OR IGNORE INTO ${quoted} (${list}) VALUES (${Array.from(list.split(', '), () => '?').join(', ')})`)
  const copy = (order: string): boolean => {
    try {
      const read = damaged.prepare(`SELECT ${list} FROM ${quoted} NOT INDEXED ${order}`)
      read.setReturnArrays(true)
      // Safe: rows come as arrays of what SQLite holds.
      for (const row of read.iterate() as unknown as Iterable<SQLInputValue[]>) {
        if (columns.includes('"json"') && !isJson(row[json])) found.isWhole = false
        else if (attempt(() => insert.run(...row)) === null) found.isWhole = false
        else found.rows += 1
      }
      return true
    } catch {
      // The damage itself: what came before it is here.
      return false
    }
  }
  if (copy('')) return
  found.isWhole = false
  if (hasRowId) copy('ORDER BY rowid DESC')
}

function isJson(value: SQLInputValue | undefined): boolean {
  if (typeof value !== 'string') return false
  // An array around it, because JSON's own null would look like a failure.
  return attempt(() => [JSON.parse(value) as unknown]) !== null
}

/** null: it could not be done, which is what is expected of a damaged file. */
function attempt<T>(work: () => T): T | null {
  try {
    return work()
  } catch {
    return null
  }
}
