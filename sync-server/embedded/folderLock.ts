import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'

/** Ends the ownership; a process that dies loses it by itself. */
export type Unlock = () => void

/**
 * Makes the folder and takes it for this process, by a lock of the operating system (SQLite's, exclusive): a pid file would outlive a crash.
 * Errors: DATA_FOLDER_IN_USE, DATA_FOLDER_READ_ONLY.
 */
export function lockFolder(path: string, lockName: string): Result<Unlock> {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch {
    return err(appError('DATA_FOLDER_READ_ONLY', { path }))
  }
  let database: DatabaseSync | null = null
  try {
    database = new DatabaseSync(join(path, lockName))
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    const held = database
    return ok(() => {
      if (held.isOpen) held.close()
    })
  } catch (thrown) {
    if (database?.isOpen === true) database.close()
    const busy = thrown instanceof Error && /locked|busy/i.test(thrown.message)
    return err(appError(busy ? 'DATA_FOLDER_IN_USE' : 'DATA_FOLDER_READ_ONLY', { path }))
  }
}
