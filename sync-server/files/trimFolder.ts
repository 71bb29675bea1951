import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Deletes the least lately used files of a folder beyond the bound. Returns how many. */
export async function trimFolder(folder: string, limitBytes: number, isInUse: (path: string) => boolean = () => false): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      const facts = await stat(path).catch(() => null)
      return facts?.isFile() ? [{ path, size: facts.size, usedAt: facts.atimeMs }] : []
    }),
  )
  const files = found.flat().sort((a, b) => a.usedAt - b.usedAt)
  let bytes = files.reduce((sum, { size }) => sum + size, 0)
  let removed = 0
  for (const { path, size } of files) {
    if (bytes <= limitBytes) break
    if (isInUse(path)) continue
    await rm(path, { force: true })
    bytes -= size
    removed += 1
  }
  return removed
}
