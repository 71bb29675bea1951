import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { isSqliteDamage } from '#shared/sqlite/watchForDamage.ts'

/** Whether what SQLite (or our storage on it) threw says that the file itself is damaged. */
export function saysDamage(thrown: unknown): boolean {
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'STORE_CORRUPT') return true
  return isSqliteDamage(thrown)
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
