import { statfsSync } from 'node:fs'
import { AppErrorException, toAppError } from '#shared/errors/appError.ts'
import { blameFullDisk } from '#shared/errors/blameFullDisk.ts'

/** For what fails while something starts on a data folder: rethrows it, as DISK_FULL where nothing has room there any more. */
export function rethrowKnowing(dataFolder: string): (thrown: unknown) => never {
  return (thrown) => {
    const { bavail, bsize } = statfsSync(dataFolder)
    throw new AppErrorException(blameFullDisk(toAppError(thrown), bavail * bsize, `what belongs to ${dataFolder}`), { cause: thrown })
  }
}
