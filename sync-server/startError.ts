import { statfsSync } from 'node:fs'
import { saysDiskFull, appError, toAppError, type AppError } from '#shared/errors/appError.ts'
import { blameFullDisk } from '#shared/errors/blameFullDisk.ts'

const what = 'what the server keeps'

/** Why a server on this folder did not start. A full disk is called that, however it was met. */
export function startError(thrown: unknown, dataFolder: string): AppError {
  if (saysDiskFull(thrown)) return appError('DISK_FULL', { what })
  return blameFullDisk(toAppError(thrown), freeBytes(dataFolder), what)
}

function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    // The folder itself is what is wrong; its own error says so.
    return Infinity
  }
}
