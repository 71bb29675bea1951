import { resolve } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { StoreError, toStoreError } from './storeError.ts'

/** How long a write waits for another process that is writing to the same file. */
const BUSY_TIMEOUT_MS = 10_000
/** Statements kept prepared; a query shape that was not used for long is prepared again. */
const MAX_STATEMENTS = 200

/**
 * WAL with FULL: a commit returns after its pages are synced, and readers never wait for a writer. `fullfsync` makes macOS
 * really write (elsewhere it does nothing). Documents are about 1 KB: pages of 8 KB and a log of up to 16 MB before it is folded
 * into the file make bulk writes a quarter faster than SQLite's defaults; single writes become an eighth slower.
 */
const PRAGMAS = `
  PRAGMA page_size = 8192;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = 1;
  PRAGMA checkpoint_fullfsync = 1;
  PRAGMA wal_autocheckpoint = 2000;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -8000;
  PRAGMA journal_size_limit = 16777216;
`

export type Row = readonly unknown[]

/** One open database file. All instances of this process that use the file share it. */
export class Connection {
  readonly path: string
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  readonly #onDamage: (() => void) | undefined

  constructor(path: string, onDamage?: () => void) {
    this.path = path
    this.#onDamage = onDamage
    this.#database = openDatabase(path)
  }

  /** A prepared statement whose rows come as arrays. */
  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) {
      this.#statements.delete(sql)
      this.#statements.set(sql, known)
      return known
    }
    const statement = this.#database.prepare(sql)
    statement.setReturnArrays(true)
    this.#statements.set(sql, statement)
    if (this.#statements.size > MAX_STATEMENTS) {
      const oldest = this.#statements.keys().next().value
      if (oldest !== undefined) this.#statements.delete(oldest)
    }
    return statement
  }

  all(sql: string, values: readonly SQLInputValue[]): Row[] {
    return this.prepare(sql).all(...values) as unknown as Row[]
  }

  get(sql: string, values: readonly SQLInputValue[]): Row | undefined {
    return this.prepare(sql).get(...values) as unknown as Row | undefined
  }

  /** Rows one by one, for callers that stop early. The loop must not wait for anything. */
  iterate(sql: string, values: readonly SQLInputValue[]): Iterable<Row> {
    return this.prepare(sql).iterate(...values) as unknown as Iterable<Row>
  }

  exec(sql: string): void {
    this.#database.exec(sql)
  }

  /** Runs `work` in one transaction that holds the write lock from its start. When this returns, it is on disk. */
  transaction<T>(work: () => T): T {
    this.prepare('BEGIN IMMEDIATE').run()
    try {
      const result = work()
      this.prepare('COMMIT').run()
      return result
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  /** Runs `work` and gives what SQLite throws about the file its type. */
  guard<T>(work: () => T): T {
    try {
      return work()
    } catch (thrown) {
      const error = toStoreError(thrown, this.path)
      if (error instanceof StoreError && error.code === 'STORE_CORRUPT') this.#onDamage?.()
      throw error
    }
  }

  /** A document as it was written. What is no JSON any more was damaged on the disk: SQLite itself has no sum over its pages. */
  parse<T>(json: unknown): T {
    try {
      // Safe: the storage wrote it from a document of that type.
      return JSON.parse(json as string) as T
    } catch (cause) {
      throw new StoreError('STORE_CORRUPT', this.path, { cause })
    }
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }
}

function openDatabase(path: string): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS })
    database.exec(PRAGMAS)
    return database
  } catch (error) {
    database?.close()
    throw toStoreError(error, path)
  }
}

interface Shared {
  connection: Connection
  users: number
}
const openConnections = new Map<string, Shared>()

/**
 * Opens the file, or joins the connection that this process already has. Each call needs one `releaseConnection`.
 * @param onDamage of whoever opens it: told whenever something finds the file damaged
 */
export function acquireConnection(databasePath: string, onDamage?: () => void): Connection {
  const path = databasePath === ':memory:' ? databasePath : resolve(databasePath)
  let shared = openConnections.get(path)
  if (shared === undefined) {
    shared = { connection: new Connection(path, onDamage), users: 0 }
    openConnections.set(path, shared)
  }
  shared.users += 1
  return shared.connection
}

/** Gives the connection back; the last one to do so closes the file. */
export function releaseConnection(connection: Connection): void {
  const shared = openConnections.get(connection.path)
  if (shared?.connection !== connection) return
  shared.users -= 1
  if (shared.users > 0) return
  openConnections.delete(connection.path)
  connection.close()
}
