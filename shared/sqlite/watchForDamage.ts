/** SQLite's primary result codes for a file that is damaged or no database, SQLITE_CORRUPT and SQLITE_NOTADB (https://www.sqlite.org/rescode.html). */
const damageCodes = new Set([11, 26])

/** Whether what SQLite threw (an error of `node:sqlite`) says that the file itself is damaged. */
export function isSqliteDamage(thrown: unknown): boolean {
  // The extended code: its lowest byte is the primary one.
  const code = (thrown as { errcode?: unknown } | null)?.errcode
  return typeof code === 'number' && damageCodes.has(code & 0xff)
}

/** What is watched of a `DatabaseSync` of `node:sqlite`, which this folder may not import. */
export interface WatchedDatabase {
  exec(sql: string): void
  prepare(sql: string, options?: object): WatchedStatement
}
export interface WatchedStatement {
  run(...values: unknown[]): unknown
  get(...values: unknown[]): unknown
  all(...values: unknown[]): unknown
  iterate(...values: unknown[]): Iterable<unknown>
}

/**
 * Calls `onDamage` the first time that a statement prepared from now on meets damage in the file; the statement's error is thrown all the same. A
 * file of gigabytes is not read whole to find it: whoever needs what stood on a damaged page finds it.
 */
export function watchForDamage(database: object, onDamage: (thrown: unknown) => void): void {
  // Safe: the methods keep their types; what they are given and give back goes through untouched.
  const watchedDatabase = database as WatchedDatabase
  let isKnown = false
  const look = (thrown: unknown): unknown => {
    if (!isKnown && isSqliteDamage(thrown)) {
      isKnown = true
      onDamage(thrown)
    }
    return thrown
  }
  const watched = <Given extends unknown[], Result>(method: (...given: Given) => Result) => {
    return (...given: Given): Result => {
      try {
        return method(...given)
      } catch (thrown) {
        throw look(thrown)
      }
    }
  }
  const prepare = watched(watchedDatabase.prepare.bind(watchedDatabase))
  watchedDatabase.prepare = (...given) => {
    const statement = prepare(...given)
    statement.run = watched(statement.run.bind(statement))
    statement.get = watched(statement.get.bind(statement))
    statement.all = watched(statement.all.bind(statement))
    const iterate = statement.iterate.bind(statement)
    statement.iterate = function* (...values) {
      try {
        yield* iterate(...values)
      } catch (thrown) {
        throw look(thrown)
      }
    }
    return statement
  }
  watchedDatabase.exec = watched(watchedDatabase.exec.bind(watchedDatabase))
}
