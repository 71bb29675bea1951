import { copyFile, rename, rm } from 'node:fs/promises'

/**
 * Moves a file, also to another file system (the data folder may lie on another disk than the system's cache): then by way of a copy beside the
 * new name, so that nothing half-written ever has it.
 * @param renameFile replaced by tests, which have one file system only
 */
export async function moveFile(from: string, to: string, renameFile: typeof rename = rename): Promise<void> {
  try {
    await renameFile(from, to)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EXDEV') throw thrown
    const copy = `${to}.copying`
    try {
      await copyFile(from, copy)
      await renameFile(copy, to)
    } catch (failed) {
      await rm(copy, { force: true })
      throw failed
    }
    await rm(from, { force: true })
  }
}
