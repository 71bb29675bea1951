import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** A file that never changes, wherever it lies. */
export interface StoredFile {
  sizeBytes: number
  /** Bytes `from` to `to`, both counted in; without a range all of them. Rejects with FILE_STORE_UNREACHABLE. */
  read(range?: { from: number; to: number }): Promise<Readable>
  /** Runs `use` with a path at which the whole file can be read meanwhile. Rejects with FILE_STORE_UNREACHABLE, or as `use` does. */
  withPath<Value>(use: (path: string) => Promise<Value>): Promise<Value>
}

/**
 * Files by their SHA-256, in a space per owner. What is there is whole, was checked against its name, and is on the disk (or where else the store
 * keeps things for good): nothing else is ever given a name here. Two owners with the same file have it twice, so that nobody can ask what others
 * have. Rejects with FILE_STORE_UNREACHABLE when the store is not on this computer and does not answer.
 */
export interface FileStore {
  find(ownerId: string, sha256: string): Promise<StoredFile | null>
  has(ownerId: string, sha256: string): Promise<boolean>
  /** Takes a finished file over, which then is at its old path no more. The caller has checked its hash. */
  commit(ownerId: string, sha256: string, fromPath: string): Promise<void>
  /** Lets go of copies that are kept only for speed. */
  trim(): Promise<void>
}

export const isSha256 = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

/** As a file that is not checked against anything, e.g. one that can be made again. */
export function localFile(path: string, sizeBytes: number): StoredFile {
  return {
    sizeBytes,
    read: (range) => Promise.resolve(createReadStream(path, range === undefined ? {} : { start: range.from, end: range.to })),
    withPath: (use) => use(path),
  }
}

/** In a folder: `<folder>/<owner>/ab/<sha256>`. Of this gateway, or one that several gateways mount. */
export function createFolderFileStore(folder: string): FileStore {
  const pathOf = (ownerId: string, sha256: string) => join(folder, encodeURIComponent(ownerId), sha256.slice(0, 2), sha256)

  async function find(ownerId: string, sha256: string): Promise<StoredFile | null> {
    if (!isSha256(sha256)) return null
    const path = pathOf(ownerId, sha256)
    const facts = await stat(path).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR') return null
      throw thrown
    })
    return facts?.isFile() ? localFile(path, facts.size) : null
  }

  return {
    find,
    has: async (ownerId, sha256) => (await find(ownerId, sha256)) !== null,
    // fsync → rename → fsync of the folder.
    async commit(ownerId, sha256, fromPath) {
      const path = pathOf(ownerId, sha256)
      await syncFile(fromPath)
      const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await moveInto(fromPath, path)
      await syncFolder(dirname(path))
      // A folder that was just made is itself an entry that must be on the disk.
      if (made !== undefined)
        for (let parent = dirname(dirname(path)); parent.startsWith(folder); parent = dirname(parent)) await syncFolder(parent)
    },
    trim: () => Promise.resolve(),
  }
}

/** Also to another file system, as a folder that is shared is one: then by way of a copy beside the name, which is on the disk before it gets it. */
async function moveInto(fromPath: string, path: string): Promise<void> {
  try {
    await rename(fromPath, path)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EXDEV') throw thrown
    const part = `${path}.${randomBytes(6).toString('hex')}.part`
    try {
      await copyFile(fromPath, part)
      await syncFile(part)
      await rename(part, path)
    } catch (failed) {
      await rm(part, { force: true })
      throw failed
    }
    await rm(fromPath, { force: true })
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
