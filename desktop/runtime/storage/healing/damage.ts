import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'

/** SQLite's primary result codes for a file that is damaged or no database (https://www.sqlite.org/rescode.html). */
const damageCodes = [11, 26]

/** Whether what SQLite (or our storage on it) threw says that the file itself is damaged. */
export function saysDamage(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  if ('code' in thrown && thrown.code === 'STORE_CORRUPT') return true
  return 'errcode' in thrown && typeof thrown.errcode === 'number' && damageCodes.includes(thrown.errcode & 0xff)
}

const markOf = (path: string): string => `${path}.damaged`

/** Damage was met while the database was used: the next start must not trust it, whatever a look at it says then. */
export function markDamaged(path: string): void {
  writeFileSync(markOf(path), '', { flush: true })
}
export const forgetMark = (path: string): void => rmSync(markOf(path), { force: true })

/** Larger ones are looked through only after an end that was not orderly: reading all of it would hold up every start. */
const alwaysLookedThroughBytes = 64 * 1024 * 1024

/**
 * Whether a database must not be used: damage was met while it was used, or it is not whole now. `thorough` looks through files of any size.
 * A file that cannot be read for another reason (locked, no rights) is left to whoever opens it.
 */
export function isDamaged(path: string, thorough: boolean): boolean {
  if (existsSync(markOf(path))) return true
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size === 0) return false
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: 1_000 })
    database.exec('PRAGMA schema_version')
    if (!thorough && size > alwaysLookedThroughBytes) return false
    return database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] !== 'ok'
  } catch (thrown) {
    return saysDamage(thrown)
  } finally {
    database?.close()
  }
}

/** Tells of damage that any statement of this database meets, now or later; the error goes on to who ran it. */
export function tellDamage(database: DatabaseSync, onDamage: () => void): void {
  const watched = <Rest extends unknown[], Result>(call: (...values: Rest) => Result) => {
    return (...values: Rest): Result => {
      try {
        return call(...values)
      } catch (thrown) {
        if (saysDamage(thrown)) onDamage()
        throw thrown
      }
    }
  }
  const prepare = database.prepare.bind(database)
  const watchStatement = (statement: StatementSync): StatementSync =>
    Object.assign(statement, {
      run: watched(statement.run.bind(statement)),
      get: watched(statement.get.bind(statement)),
      all: watched(statement.all.bind(statement)),
    })
  Object.assign(database, {
    exec: watched(database.exec.bind(database)),
    prepare: watched((sql: string) => watchStatement(prepare(sql))),
  })
}
