import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'

export interface StoredFile {
  path: string
  sizeBytes: number
}

/**
 * Files by their SHA-256, in a space per owner: `<folder>/<owner>/ab/<sha256>`. What is there is whole, was checked against its name, and is on
 * the disk: nothing else is ever given a name here. Two owners with the same file have it twice, so that nobody can ask what others have.
 */
export interface FileStore {
  find(ownerId: string, sha256: string): Promise<StoredFile | null>
  has(ownerId: string, sha256: string): Promise<boolean>
  /** Takes a finished file over: fsync → rename → fsync of the folder. The caller has checked its hash. */
  commit(ownerId: string, sha256: string, fromPath: string): Promise<StoredFile>
}

export function createFileStore(folder: string): FileStore {
  const pathOf = (ownerId: string, sha256: string) => join(folder, encodeURIComponent(ownerId), sha256.slice(0, 2), sha256)

  async function find(ownerId: string, sha256: string): Promise<StoredFile | null> {
    if (!/^[0-9a-f]{64}$/.test(sha256)) return null
    const path = pathOf(ownerId, sha256)
    const facts = await stat(path).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR') return null
      throw thrown
    })
    return facts?.isFile() ? { path, sizeBytes: facts.size } : null
  }

  return {
    find,
    has: async (ownerId, sha256) => (await find(ownerId, sha256)) !== null,
    async commit(ownerId, sha256, fromPath) {
      const path = pathOf(ownerId, sha256)
      await syncFile(fromPath)
      const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await rename(fromPath, path)
      await syncFolder(dirname(path))
      // A folder that was just made is itself an entry that must be on the disk.
      if (made !== undefined)
        for (let parent = dirname(dirname(path)); parent.startsWith(folder); parent = dirname(parent)) await syncFolder(parent)
      return { path, sizeBytes: (await stat(path)).size }
    },
  }
}

/** SHA-256 of a file's contents as 64 lower-case hex digits. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash)
  return hash.digest('hex')
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders; its rename is durable with the file system's own journal.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
