import { accessSync, constants, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { appError, AppErrorException } from '#shared/errors/appError.ts'

/** Where everything of one computer lives, all below one folder. */
export interface DataFolder {
  path: string
  gateway: string
  runtime: string
  outputs: string
  logs: string
  cache: string
}

/**
 * Makes the folders. Throws AppErrorException DATA_FOLDER_READ_ONLY {path} or DISK_FULL {what}: found out by writing, because rights
 * alone say nothing of a read-only file system.
 */
export function openDataFolder(path: string): DataFolder {
  const folder: DataFolder = {
    path,
    gateway: join(path, 'gateway'),
    runtime: join(path, 'runtime'),
    outputs: join(path, 'outputs'),
    logs: join(path, 'logs'),
    cache: join(path, 'cache'),
  }
  try {
    for (const each of Object.values(folder)) makeFolder(each as string)
    accessSync(path, constants.W_OK)
    const probe = join(path, `.write-probe-${process.pid}`)
    writeFileSync(probe, 'x')
    rmSync(probe)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOSPC') throw new AppErrorException(appError('DISK_FULL', { what: path }), { cause: error })
    throw new AppErrorException(appError('DATA_FOLDER_READ_ONLY', { path }), { cause: error })
  }
  return folder
}

/** Like `mkdir -p`. Node's own `recursive` loops for ever where a parent exists and says ENOENT, as /proc does. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  if (dirname(path) !== path) makeFolder(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/**
 * Takes the folder for this process until the returned function is called. The lock is SQLite's: the system gives it back when
 * a process dies in whatever way. Throws AppErrorException DATA_FOLDER_IN_USE {path}.
 */
export function lockDataFolder(path: string): () => void {
  const database = new DatabaseSync(join(path, 'lock.sqlite'), { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    throw new AppErrorException(appError('DATA_FOLDER_IN_USE', { path }), { cause: error })
  }
  return () => database.close()
}
