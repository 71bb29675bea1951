import { createReadStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileRef } from '#shared/collections/common.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import { sha256Schema } from '#shared/ids.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { sha256OfStream } from '../results/sha256.ts'
import { syncFile, syncFolder } from '../../storage/syncedFiles.ts'

/** Content-addressed input files on disk, named by their SHA-256. */
export interface FileCache {
  readonly folder: string
  pathOf(sha256: string): string
  partPathOf(sha256: string): string
  has(ref: FileRef): Promise<boolean>
  /** Takes a complete part in, if its hash is right; a wrong one is deleted and answered with FILE_HASH_MISMATCH. */
  adopt(ref: FileRef): Promise<Result<string>>
  /** Takes any file in by moving it, and says what it is. */
  takeIn(path: string, name: string): Promise<FileRef>
  /** Bytes of these files that are not here yet. */
  missingBytes(files: readonly FileRef[]): Promise<number>
  sizeBytes(): Promise<number>
  /** Deletes what was used longest ago until the cache fits; files named in `keep` stay. Returns the bytes freed. */
  evict(limitBytes: number, keep: ReadonlySet<string>): Promise<number>
}

export async function openFileCache(folder: string): Promise<FileCache> {
  await mkdir(folder, { recursive: true })
  const pathOf = (sha256: string) => join(folder, sha256)
  const partPathOf = (sha256: string) => join(folder, `${sha256}.part`)
  return {
    folder,
    pathOf,
    partPathOf,
    async has({ sha256, sizeBytes }) {
      const found = await stat(pathOf(sha256)).catch(() => null)
      if (found?.size !== sizeBytes) return false
      // The time of use, for eviction. A failure only makes it look older.
      await utimes(pathOf(sha256), new Date(), found.mtime).catch(() => undefined)
      return true
    },
    async adopt(ref) {
      const part = partPathOf(ref.sha256)
      const { sha256, sizeBytes } = await sha256OfStream(createReadStream(part))
      if (sha256 !== ref.sha256 || sizeBytes !== ref.sizeBytes) {
        await rm(part, { force: true })
        return err<AppError>(appError('FILE_HASH_MISMATCH', { name: ref.name }))
      }
      await keep(part, pathOf(ref.sha256), folder)
      return ok(pathOf(ref.sha256))
    },
    async takeIn(path, name) {
      const { sha256, sizeBytes } = await sha256OfStream(createReadStream(path))
      await keep(path, pathOf(sha256), folder)
      return { sha256, sizeBytes, name }
    },
    async missingBytes(files) {
      const unique = [...new Map(files.map((file) => [file.sha256, file])).values()]
      const found = await Promise.all(
        unique.map(async (file) => {
          if ((await stat(pathOf(file.sha256)).catch(() => null))?.size === file.sizeBytes) return 0
          return file.sizeBytes - Math.min(file.sizeBytes, (await stat(partPathOf(file.sha256)).catch(() => null))?.size ?? 0)
        }),
      )
      return found.reduce((sum, bytes) => sum + bytes, 0)
    },
    async sizeBytes() {
      const sizes = await Promise.all(
        (await readdir(folder)).map(async (name) => (await stat(join(folder, name)).catch(() => null))?.size ?? 0),
      )
      return sizes.reduce((sum, bytes) => sum + bytes, 0)
    },
    evict: (limitBytes, kept) => evict(folder, limitBytes, kept),
  }
}

async function keep(from: string, to: string, folder: string): Promise<void> {
  await syncFile(from)
  await rename(from, to)
  await syncFolder(folder)
}

async function evict(folder: string, limitBytes: number, kept: ReadonlySet<string>): Promise<number> {
  const files: Array<{ name: string; sizeBytes: number; usedMs: number }> = []
  for (const name of await readdir(folder)) {
    const found = await stat(join(folder, name)).catch(() => null)
    if (found?.isFile()) files.push({ name, sizeBytes: found.size, usedMs: found.atimeMs })
  }
  let total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  let freed = 0
  for (const file of files.sort((a, b) => a.usedMs - b.usedMs)) {
    if (total <= limitBytes) break
    const sha256 = file.name.replace(/\.part$/, '')
    if (!sha256Schema.safeParse(sha256).success || kept.has(sha256)) continue
    await rm(join(folder, file.name), { force: true })
    total -= file.sizeBytes
    freed += file.sizeBytes
  }
  return freed
}
