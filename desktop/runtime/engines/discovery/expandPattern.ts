import type { posix } from 'node:path'
import type { FileLookup } from './candidates.ts'

/** The paths that fit a pattern; a `*` stands for any characters within one name. Nothing says yet that the last name is there. */
export async function expandPattern(pattern: string, path: typeof posix, files: Pick<FileLookup, 'list'>): Promise<string[]> {
  const parts = pattern.split(/[\\/]/)
  let found = [parts[0] === '' ? path.sep : `${parts[0] ?? ''}${path.sep}`]
  for (const part of parts.slice(1)) {
    if (!part.includes('*')) found = found.map((folder) => path.join(folder, part))
    else {
      const wanted = new RegExp(`^${part.split('*').map(escape).join('.*')}$`)
      const lists = await Promise.all(
        found.map(async (folder) => (await files.list(folder)).filter((name) => wanted.test(name)).map((name) => path.join(folder, name))),
      )
      found = lists.flat().sort()
    }
  }
  return found
}

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
