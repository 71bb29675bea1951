import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { AppErrorException, appError } from '#shared/errors/appError.ts'

/** Where damaged databases are kept, beside where they were. */
const folderName = 'damaged'
/** Of each database the newest few are kept: they may be large, and the newest says the most. */
const keptOfEach = 3
/** As many in such a time are not bad luck but a failing disk: then a person has to look. */
const tooOftenWithinMs = 3_600_000

/** The files of one SQLite database; the log first, so that it is never found beside a new database that it does not belong to. */
export const filesOfDatabase = ['-wal', '-shm', ''] as const

/**
 * Moves a damaged database with all its files out of the way, durably: into `damaged/`, under its name and the time. Older ones
 * beyond the newest three go.
 * @returns the path of the kept database
 * Throws AppErrorException STORE_CORRUPT {path, reason} when three were set aside within the last hour; nothing is moved then.
 */
export function setAside(path: string, nowMs: number): string {
  const folder = join(dirname(path), folderName)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const times = keptTimes(folder, basename(path))
  // A clock that was set back must not make old ones count for ever: only their number within the hour matters, before or after now.
  const lately = times.filter((time) => Math.abs(nowMs - time) < tooOftenWithinMs)
  if (lately.length >= keptOfEach)
    throw new AppErrorException(
      appError('STORE_CORRUPT', { path, reason: `damaged ${lately.length} times within an hour: check the disk` }),
    )
  const kept = join(folder, nameAt(basename(path), nowMs))
  for (const suffix of filesOfDatabase) if (existsSync(`${path}${suffix}`)) renameSync(`${path}${suffix}`, `${kept}${suffix}`)
  for (const time of times.sort((a, b) => b - a).slice(keptOfEach - 1))
    for (const suffix of filesOfDatabase) rmSync(join(folder, `${nameAt(basename(path), time)}${suffix}`), { force: true })
  syncFolderNow(folder)
  syncFolderNow(dirname(path))
  return kept
}

/** The time in milliseconds since 1970: names that sort, without characters that Windows does not allow. */
const nameAt = (name: string, timeMs: number): string => `${name}.${Math.floor(timeMs)}`

function keptTimes(folder: string, name: string): number[] {
  return readdirSync(folder).flatMap((found) => {
    const time = found.startsWith(`${name}.`) ? found.slice(name.length + 1) : ''
    return /^\d+$/.test(time) ? [Number(time)] : []
  })
}

function syncFolderNow(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
