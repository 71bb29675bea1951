import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'

export interface FolderSize {
  bytes: number
  entries: number
}

/**
 * What the files of folders take on the disk, and how many there are. Stops counting when `most` is passed, so that a hostile tree costs no more
 * than a full one. Links are counted, not followed.
 */
export async function folderSize(folders: readonly string[], most: FolderSize): Promise<FolderSize> {
  const total: FolderSize = { bytes: 0, entries: 0 }
  const open = [...folders]
  const isOver = () => total.bytes > most.bytes || total.entries > most.entries
  for (let folder = open.pop(); folder !== undefined && !isOver(); folder = open.pop()) {
    // Gone between listing and looking: it takes nothing.
    const directory = await opendir(folder).catch(() => null)
    if (directory === null) continue
    for await (const entry of directory) {
      total.entries += 1
      const path = join(folder, entry.name)
      if (entry.isDirectory()) open.push(path)
      else if (entry.isFile())
        total.bytes += await stat(path).then(
          ({ blocks }) => blocks * 512,
          () => 0,
        )
      if (isOver()) break
    }
  }
  return total
}
