import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** SQLite's primary result codes for a file that is not what it should be: SQLITE_CORRUPT and SQLITE_NOTADB. */
const damageCodes = new Set([11, 26])

/**
 * Calls `onDamage` the first time that a statement prepared from now on meets damage in the file; the statement's error is thrown all the same. A
 * file of gigabytes is not read whole to find it: whoever needs what stood on a damaged page finds it.
 */
export function watchForDamage(database: DatabaseSync, onDamage: (thrown: unknown) => void): void {
  let isKnown = false
  const look = (thrown: unknown): unknown => {
    if (!isKnown && isDamage(thrown)) {
      isKnown = true
      onDamage(thrown)
    }
    return thrown
  }
  /** Of the same type: the overloads of these methods say more than could be said here. */
  const watched = <Method extends (...given: never[]) => unknown>(method: Method): Method =>
    ((...given: Parameters<Method>) => {
      try {
        return method(...given)
      } catch (thrown) {
        throw look(thrown)
      }
    }) as Method
  const prepare = watched(database.prepare.bind(database))
  database.prepare = (sql, options) => {
    const statement: StatementSync = prepare(sql, options)
    statement.run = watched(statement.run.bind(statement))
    statement.get = watched(statement.get.bind(statement))
    statement.all = watched(statement.all.bind(statement))
    const iterate = statement.iterate.bind(statement) as (...given: unknown[]) => ReturnType<StatementSync['iterate']>
    statement.iterate = function* (...given: unknown[]) {
      try {
        yield* iterate(...given)
      } catch (thrown) {
        throw look(thrown)
      }
    } as StatementSync['iterate']
    return statement
  }
  database.exec = watched(database.exec.bind(database))
}

function isDamage(thrown: unknown): boolean {
  // The extended code: its lowest byte is the primary one.
  const code = (thrown as { errcode?: unknown } | null)?.errcode
  return typeof code === 'number' && damageCodes.has(code & 0xff)
}
