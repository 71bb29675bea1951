/** What can go wrong in the file itself. Everything else SQLite says is a defect and passes through unchanged. */
type StoreErrorCode = 'STORE_CORRUPT' | 'STORE_TOO_NEW' | 'STORE_BUSY' | 'STORE_READ_ONLY' | 'DISK_FULL'

/** A failure of the database file. The file is never deleted or changed because of it. */
export class StoreError extends Error {
  readonly code: StoreErrorCode
  readonly path: string

  constructor(code: StoreErrorCode, path: string, options?: ErrorOptions) {
    super(`${code}: ${sentences[code]} (${path})`, options)
    this.name = 'StoreError'
    this.code = code
    this.path = path
  }
}

const sentences: Record<StoreErrorCode, string> = {
  STORE_CORRUPT: 'the database file is damaged or is not a database; it was left as it is',
  STORE_TOO_NEW: 'the database file was written by a newer version of this program',
  STORE_BUSY: 'another process kept the database locked',
  STORE_READ_ONLY: 'the database file cannot be written to',
  DISK_FULL: 'the disk is full',
}

/** SQLite's result codes (https://www.sqlite.org/rescode.html) that say something about the file. */
const codeByResult = new Map<number, StoreErrorCode>([
  [5, 'STORE_BUSY'],
  [8, 'STORE_READ_ONLY'],
  [11, 'STORE_CORRUPT'],
  [13, 'DISK_FULL'],
  [26, 'STORE_CORRUPT'],
  // SQLITE_IOERR_SHMSIZE: no room for the index of the write-ahead log.
  [4874, 'DISK_FULL'],
])

/** Returns the typed error for what SQLite threw about the file at `path`, or what was thrown when it has no meaning of its own. */
export function toStoreError(thrown: unknown, path: string): unknown {
  if (!(thrown instanceof Error) || !('errcode' in thrown) || typeof thrown.errcode !== 'number') return thrown
  // The low byte of an extended result code is the primary one.
  const code = codeByResult.get(thrown.errcode) ?? codeByResult.get(thrown.errcode & 0xff)
  return code === undefined ? thrown : new StoreError(code, path, { cause: thrown })
}
