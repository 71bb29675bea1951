import { readdir, realpath, stat } from 'node:fs/promises'
import type { FileLookup } from './candidates.ts'

/** The real file system for `findCandidates`. What may not be read counts as not there. */
export const nodeFiles: FileLookup = {
  list: (folder) => readdir(folder).catch(() => []),
  isFile: async (path) => (await stat(path).catch(() => undefined))?.isFile() ?? false,
  realPath: (path) => realpath(path).catch(() => path),
}
