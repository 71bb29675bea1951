import { mkdir, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { SeriesAppendPayload, SeriesReadReply } from '#shared/sync/protocol.ts'
import type { SeriesAppended, SeriesStore } from './seriesStore.ts'

const maxSeriesBytes = 64 * 1024 * 1024
const newline = 0x0a

/** One file per series below the owner's folder. Appends to one series go one after the other. */
export function createFileSeriesStore(folder: string): SeriesStore {
  const turns = new Map<string, Promise<unknown>>()

  /** Ids may hold `:`, which file names on Windows may not. */
  const pathOf = (ownerId: string, series: string) => join(folder, fileSafe(ownerId), ...series.split('/').map(fileSafe))

  function inTurn<T>(path: string, work: () => Promise<T>): Promise<T> {
    const turn = (turns.get(path) ?? Promise.resolve()).then(work, work)
    turns.set(path, turn)
    const done = () => {
      if (turns.get(path) === turn) turns.delete(path)
    }
    turn.then(done, done)
    return turn
  }

  async function append(path: string, { offset, text }: SeriesAppendPayload): Promise<Result<SeriesAppended>> {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(path, 'a')
    try {
      const { size } = await file.stat()
      if (offset !== size || text === '') return ok({ offset: size, grew: false })
      const bytes = Buffer.from(text)
      if (size + bytes.length > maxSeriesBytes)
        return err(appError('FILE_TOO_LARGE', { name: 'series', limitMiB: maxSeriesBytes / 1024 ** 2 }))
      await writeWhole(file, bytes, size)
      return ok({ offset: size + bytes.length, grew: true })
    } finally {
      await file.close()
    }
  }

  return {
    append: (ownerId, payload) => {
      const path = pathOf(ownerId, payload.series)
      return inTurn(path, () => append(path, payload))
    },
    async read(ownerId, { series, from, limitBytes }) {
      const file = await openIfThere(pathOf(ownerId, series))
      if (file === null) return ok({ from: 0, text: '', size: 0 })
      try {
        return ok(await readRange(file, from, limitBytes))
      } finally {
        await file.close()
      }
    },
    async dropOlderThan(timeMs) {
      let dropped = 0
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
        if (!entry.isFile()) continue
        const path = join(entry.parentPath, entry.name)
        // Looked at in its turn: somebody may be appending to it this moment.
        const isOld = await inTurn(path, async () => {
          const facts = await stat(path).catch(() => null)
          if (facts === null || facts.mtimeMs >= timeMs) return false
          await rm(path, { force: true })
          return true
        })
        if (isOld) dropped += 1
      }
      return dropped
    },
  }
}

/** All of it, on the disk; a part that did fit before the disk was full is taken back, so that the sender's offset stays true. */
async function writeWhole(file: FileHandle, bytes: Buffer, sizeBefore: number): Promise<void> {
  try {
    await file.appendFile(bytes)
    await file.datasync()
  } catch (thrown) {
    await file.truncate(sizeBefore)
    throw thrown
  }
}

async function readRange(file: FileHandle, from: number, limitBytes: number): Promise<SeriesReadReply> {
  const { size } = await file.stat()
  const wanted = Math.min(Math.max(from < 0 ? size + from : from, 0), size)
  const start = await lineStart(file, wanted)
  const buffer = Buffer.alloc(Math.min(limitBytes, size - start))
  const { bytesRead } = await file.read(buffer, 0, buffer.length, start)
  const whole = start + bytesRead < size ? cutAtCharacter(buffer.subarray(0, bytesRead)) : buffer.subarray(0, bytesRead)
  return { from: start, text: whole.toString('utf8'), size }
}

/** Back to the beginning of the line that holds the offset (looking back 64 KiB at most, then to a whole character). */
async function lineStart(file: FileHandle, offset: number): Promise<number> {
  if (offset === 0) return 0
  const length = Math.min(offset, 64 * 1024)
  const buffer = Buffer.alloc(length)
  await file.read(buffer, 0, length, offset - length)
  const found = buffer.lastIndexOf(newline)
  if (found >= 0) return offset - length + found + 1
  if (length === offset) return 0
  let start = 0
  while (start < 4 && isContinuation(buffer[start])) start += 1
  return offset - length + start
}

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80

/** Without the beginning of a character whose rest comes with the next range. */
function cutAtCharacter(buffer: Buffer): Buffer {
  let end = buffer.length
  while (end > 0 && buffer.length - end < 4 && isContinuation(buffer[end - 1])) end -= 1
  const lead = buffer[end - 1] ?? 0
  const needs = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1
  return buffer.length - end + 1 >= needs ? buffer : buffer.subarray(0, Math.max(0, end - 1))
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r')
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null
    throw thrown
  }
}

const fileSafe = (name: string) => name.replaceAll(':', '=')
