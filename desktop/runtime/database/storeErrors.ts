import { AppErrorException, appError } from '#shared/errors/appError.ts'

const codes: Record<string, (path: string) => AppErrorException['error']> = {
  STORE_CORRUPT: (path) => appError('STORE_CORRUPT', { path }),
  STORE_TOO_NEW: (path) => appError('STORE_CORRUPT', { path, reason: 'written by a newer version' }),
  STORE_BUSY: (path) => appError('DATA_FOLDER_IN_USE', { path }),
  STORE_READ_ONLY: (path) => appError('DATA_FOLDER_READ_ONLY', { path }),
  DISK_FULL: () => appError('DISK_FULL', { what: 'the database' }),
}

/** SQLite's primary result codes that say something about the file (https://www.sqlite.org/rescode.html). */
const sqliteCodes: Record<number, keyof typeof codes> = {
  5: 'STORE_BUSY',
  8: 'STORE_READ_ONLY',
  11: 'STORE_CORRUPT',
  13: 'DISK_FULL',
  14: 'STORE_READ_ONLY',
  26: 'STORE_CORRUPT',
}

/** Gives what a store threw (ours, or `node:sqlite` itself) its error code; anything else comes back as it is. */
export function asAppError(thrown: unknown, path = ''): unknown {
  if (!(thrown instanceof Error)) return thrown
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
  const errcode = 'errcode' in thrown && typeof thrown.errcode === 'number' ? thrown.errcode & 0xff : -1
  const make = codes[code] ?? codes[sqliteCodes[errcode] ?? '']
  if (make === undefined) return thrown
  const at = 'path' in thrown && typeof thrown.path === 'string' ? thrown.path : path
  return new AppErrorException(make(at), { cause: thrown })
}
