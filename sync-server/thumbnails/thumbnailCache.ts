import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { createLimit } from '../acceptance/limit.ts'
import { localFile, type StoredFile } from '../files/fileStore.ts'
import { trimFolder } from '../files/trimFolder.ts'
import { toneMappedExr } from './toneMapExr.ts'

export const thumbnailPixels = 320
const cacheBytes = 512 * 1024 * 1024
const madeAtOnce = 2
const waiting = 500

export interface ThumbnailCache {
  /** A WebP of at most 320 px; `full` when too many are being made. Rejects when the picture cannot be shown. */
  get(ownerId: string, sha256: string, source: StoredFile, format: string): Promise<StoredFile | 'full'>
  /** Deletes the least lately used beyond the bound. Returns how many. */
  trim(limitBytes?: number): Promise<number>
}

/** Small pictures on disk, named by the hash of the large ones. Deletable at any time. */
export function createThumbnailCache(folder: string): ThumbnailCache {
  const limit = createLimit(madeAtOnce, waiting)

  return {
    async get(ownerId, sha256, source, format) {
      const path = join(folder, encodeURIComponent(ownerId), sha256.slice(0, 2), `${sha256}.webp`)
      const known = await stat(path).catch(() => null)
      if (known) {
        // Last use, for `trim`; losing it costs nothing.
        await utimes(path, new Date(), known.mtime).catch(() => undefined)
        return localFile(path, known.size)
      }
      const made = await limit(async () => {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        const part = `${path}.${randomBytes(6).toString('hex')}.part`
        await source.withPath(async (whole) => {
          const image = format.startsWith('OPEN_EXR') ? toneMappedExr(await readFile(whole)) : sharp(whole, { sequentialRead: true })
          const small = image.resize(thumbnailPixels, thumbnailPixels, { fit: 'inside', withoutEnlargement: true })
          await small.webp({ quality: 80 }).toFile(part)
        })
        await rename(part, path)
      })
      return made === 'full' ? 'full' : localFile(path, (await stat(path)).size)
    },
    trim: (limitBytes = cacheBytes) => trimFolder(folder, limitBytes),
  }
}
