import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { err, ok, type Result } from '#shared/result.ts'
import { fileError } from './fileError.ts'
import { syncFolder } from './syncedFiles.ts'

/** Contents given whole, or piece by piece as a stream does. */
export type FileContent = string | Uint8Array | AsyncIterable<Uint8Array>

/**
 * Writes a file so that afterwards it is there whole even if the power fails, and before that the old one is: temporary file → fsync
 * → rename → fsync of the folder. Whatever fails, no part of the new file stays and the old one is untouched.
 *
 * @param mode rights of the file; by default only this user may read it
 * @returns DISK_FULL {what} or DATA_FOLDER_READ_ONLY {path}; anything else (such as an error of the stream) is thrown
 */
export async function writeDurably(finalPath: string, content: FileContent, mode = 0o600): Promise<Result<void>> {
  // Beside the final file, because a rename is atomic only within one file system.
  const temporary = `${finalPath}.${randomUUID()}.part`
  try {
    await writeAndSync(temporary, content, mode)
    await rename(temporary, finalPath)
  } catch (thrown) {
    await rm(temporary, { force: true })
    const error = fileError(thrown, { folder: dirname(finalPath), what: basename(finalPath) })
    if (error === null) throw thrown
    return err(error)
  }
  await syncFolder(dirname(finalPath))
  return ok(undefined)
}

async function writeAndSync(path: string, content: FileContent, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}
