import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

export interface SourceStamp {
  /** Over names, sizes and times of change: cheap, and enough to know that nothing changed. */
  quick: string
  /** Over names and contents: decides when `quick` differs (a fresh clone or a touched file is not a change). */
  contents: string
}

/** Files that are not part of what is built. */
const ignored = /\.test\.ts$|(^|\/)(tsconfig\.json|node_modules|fixtures)$|\.tsbuildinfo$/

/** Stamps the given files and folders, relative to `root`; what does not exist counts as absent. `contents` is made only when asked for. */
export function stampSources(root: string, sources: readonly string[]): { quick: string; contents: () => string } {
  const files = sources.flatMap((source) => listFiles(root, source)).sort((a, b) => (a.path < b.path ? -1 : 1))
  const quick = createHash('sha256')
  for (const file of files) quick.update(`${file.path}\0${file.size}\0${file.mtimeMs}\n`)
  return {
    quick: quick.digest('hex'),
    contents: () => {
      const hash = createHash('sha256')
      for (const file of files)
        hash
          .update(`${file.path}\0`)
          .update(readFileSync(join(root, file.path)))
          .update('\0')
      return hash.digest('hex')
    },
  }
}

interface SourceFile {
  path: string
  size: number
  mtimeMs: number
}

function listFiles(root: string, path: string): SourceFile[] {
  if (ignored.test(path)) return []
  const status = statSync(join(root, path), { throwIfNoEntry: false })
  if (!status) return []
  if (status.isDirectory()) return readdirSync(join(root, path)).flatMap((name) => listFiles(root, `${path}/${name}`))
  return status.isFile() ? [{ path, size: status.size, mtimeMs: status.mtimeMs }] : []
}
