import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream, openAsBlob } from 'node:fs'
import { mkdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { isSha256, sha256OfFile, type FileStore, type StoredFile } from './fileStore.ts'
import { trimFolder } from './trimFolder.ts'
import type { Bucket } from './bucket.ts'

/** Copies on this computer of what was used lately: pictures that are judged, scenes that are checked, what came up here. */
const cacheBytes = 2 * 1024 ** 3

/**
 * In a bucket that every gateway reaches: `files/<owner>/ab/<sha256>`. What came up is in the bucket before it is said to be stored. What is
 * read is kept here for a while, and given to nobody before its hash was compared.
 */
export function createS3FileStore(bucket: Bucket, folder: string, limitBytes = cacheBytes): FileStore {
  const keyOf = (ownerId: string, sha256: string) => `files/${encodeURIComponent(ownerId)}/${sha256.slice(0, 2)}/${sha256}`
  const pathOf = (ownerId: string, sha256: string) => join(folder, encodeURIComponent(ownerId), sha256.slice(0, 2), sha256)
  /** How many work with a copy at the moment. */
  const inUse = new Map<string, number>()
  const fetching = new Map<string, Promise<void>>()

  const sizeOf = async (path: string): Promise<number | null> => (await stat(path).catch(() => null))?.size ?? null

  async function find(ownerId: string, sha256: string): Promise<StoredFile | null> {
    if (!isSha256(sha256)) return null
    const [path, key] = [pathOf(ownerId, sha256), keyOf(ownerId, sha256)]
    // What is kept here was in the bucket when it came, and nothing is ever taken out of there.
    const sizeBytes = (await sizeOf(path)) ?? (await bucket.sizeOf(key))
    if (sizeBytes === null) return null
    return {
      sizeBytes,
      async read(range) {
        const isKept = (await sizeOf(path)) !== null
        if (isKept) return createReadStream(path, range === undefined ? {} : { start: range.from, end: range.to })
        return bucket.read(key, range)
      },
      async withPath(use) {
        inUse.set(path, (inUse.get(path) ?? 0) + 1)
        try {
          await keep(key, path, sha256)
          return await use(path)
        } finally {
          const others = (inUse.get(path) ?? 1) - 1
          if (others > 0) inUse.set(path, others)
          else inUse.delete(path)
        }
      },
    }
  }

  /** Makes sure that there is a copy here. Who wants the same one waits for the one that is under way. */
  async function keep(key: string, path: string, sha256: string): Promise<void> {
    if ((await sizeOf(path)) !== null) return void (await utimes(path, new Date(), new Date()).catch(() => undefined))
    const underWay = fetching.get(path) ?? fetchCopy(key, path, sha256).finally(() => fetching.delete(path))
    fetching.set(path, underWay)
    await underWay
  }

  async function fetchCopy(key: string, path: string, sha256: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const part = `${path}.${randomBytes(6).toString('hex')}.part`
    try {
      await pipeline(await bucket.read(key), createWriteStream(part))
      if ((await sha256OfFile(part)) !== sha256)
        throw new AppErrorException(appError('FILE_STORE_UNREACHABLE', { reason: `it gave something else for ${key}` }))
      await rename(part, path)
    } finally {
      await rm(part, { force: true })
    }
  }

  return {
    find,
    has: async (ownerId, sha256) => (await find(ownerId, sha256)) !== null,
    async commit(ownerId, sha256, fromPath) {
      const [path, key] = [pathOf(ownerId, sha256), keyOf(ownerId, sha256)]
      if ((await bucket.sizeOf(key)) === null) await bucket.put(key, await openAsBlob(fromPath))
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await rename(fromPath, path)
    },
    trim: () => trimFolder(folder, limitBytes, (path) => inUse.has(path)).then(() => undefined),
  }
}
