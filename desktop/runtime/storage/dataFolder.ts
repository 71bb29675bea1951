import { rmSync } from 'node:fs'
import { access, mkdir, open, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { fileError } from './fileError.ts'
import { saysDamage } from './healing/damage.ts'

/** The file whose lock says that a runtime works in this folder. It stays empty; only its lock counts. */
const LOCK_FILE = 'runtime.lock'

/** The folder of one runtime, held by this process until `close` is called or the process ends in whatever way. */
export interface DataFolder {
  /** Absolute. */
  path: string
  close(): void
}

/**
 * Makes the folder where it is missing, tries whether it can be written to, and takes it for this process. The lock is the
 * system's (SQLite's, held exclusively), not a file with a process number: it goes with its owner even on SIGKILL, and a runtime that
 * outlived the process that started it still holds it.
 *
 * @returns DATA_FOLDER_IN_USE {path}, DATA_FOLDER_READ_ONLY {path} or DISK_FULL {what}; nothing is held then
 */
export async function openDataFolder(folder: string): Promise<Result<DataFolder>> {
  const path = resolve(folder)
  try {
    await makeFolder(path)
    await tryWriting(path)
  } catch (thrown) {
    const error = fileError(thrown, { folder: path, what: path })
    if (error === null) throw thrown
    return err(error)
  }
  return lock(path)
}

/** Like `mkdir -p`. Node's own `recursive` never returns where a parent exists and says ENOENT, as /proc does. */
async function makeFolder(path: string): Promise<void> {
  const exists = await access(path).then(
    () => true,
    () => false,
  )
  if (exists) return
  if (dirname(path) !== path) await makeFolder(dirname(path))
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

/** Rights alone say nothing about a read-only file system or a full disk. */
async function tryWriting(path: string): Promise<void> {
  const probe = join(path, `.write-probe-${process.pid}`)
  const file = await open(probe, 'w', 0o600)
  try {
    await file.writeFile('x')
    await file.sync()
  } finally {
    await file.close()
    await rm(probe, { force: true })
  }
}

function lock(path: string, isMended = false): Result<DataFolder> {
  const database = new DatabaseSync(join(path, LOCK_FILE), { timeout: 0 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (saysDamage(error) && !isMended) {
      // Nothing is in it, and whoever works here holds the databases as well.
      rmSync(join(path, LOCK_FILE))
      return lock(path, true)
    }
    const isBusy = error instanceof Error && 'errcode' in error && error.errcode === 5
    if (!isBusy) throw error
    return err(appError('DATA_FOLDER_IN_USE', { path }))
  }
  return ok({ path, close: () => database.close() })
}
