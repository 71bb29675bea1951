import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isLogDamaged } from './levelLog.ts'
import { isTableDamaged } from './levelTable.ts'

/** Tables beyond this in all are not read at the start: it would take seconds. Logs and manifests are small and are always read. */
const tableBytesAtMost = 128 * 1024 * 1024

export interface StoreDamage {
  /** The file, or the folder that lacks one. */
  path: string
  reason: string
}

/**
 * Looks through the files of the embedded store before it is opened, because LevelDB opens a damaged database without a word: it passes over broken
 * records, and begins anew where the name of its manifest is lost. Changes nothing. Null: all of it is whole, as far as can be told.
 */
export async function examineStore(folder: string): Promise<StoreDamage | null> {
  let tableBytes = 0
  for (const { name } of (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory())) {
    const database = join(folder, name)
    const files = await readdir(database)
    const data = files.filter((file) => /^\d+\.(log|ldb|sst)$/.test(file) || file.startsWith('MANIFEST-'))
    if (data.length === 0) continue
    const manifest = await readFile(join(database, 'CURRENT'), 'utf8').catch(nothingThere)
    if (manifest === null) return { path: database, reason: 'CURRENT is missing' }
    if (!/^MANIFEST-\d+\n$/.test(manifest) || !files.includes(manifest.trim()))
      return { path: join(database, 'CURRENT'), reason: 'it names no manifest that is there' }
    // An older one is left over from a start that was cut off.
    for (const file of data.filter((one) => !one.startsWith('MANIFEST-') || one === manifest.trim()).sort()) {
      const path = join(database, file)
      const isTable = /\.(ldb|sst)$/.test(file)
      if (isTable && (tableBytes += (await stat(path)).size) > tableBytesAtMost) continue
      const bytes = await readFile(path)
      if (isTable ? isTableDamaged(bytes) : isLogDamaged(bytes)) return { path, reason: 'a checksum inside it does not fit' }
      if (file === manifest.trim() && bytes.length === 0) return { path, reason: 'it is empty' }
    }
  }
  return null
}

function nothingThere(thrown: unknown): null {
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null
  throw thrown
}
