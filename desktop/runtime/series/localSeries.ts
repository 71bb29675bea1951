import { open, mkdir, rm, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '#shared/log.ts'
import type { SeriesReadReply } from '#shared/sync/protocol.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'
import { cutToLine, cutToText } from './textCuts.ts'

/** A log larger than this takes nothing more; what was written stays. */
const largestBytes = 64 * 1024 * 1024

/** How far a series was shipped: the peer has everything before `shipped`; its offsets are `skew` more than ours. */
export interface Shipping {
  series: string
  shipped: number
  skew: number
}

/**
 * Append-only text of this computer (`log/<taskId>`, `metrics/<nodeId>`…), one file each. Appends are written in order and reach the disk
 * before they are shipped, so that the peer never has what a power cut took from us.
 */
export interface LocalSeries {
  /** Queues text; returns at once. A full disk loses text of a log, never a frame. */
  append: (series: string, text: string) => void
  has: (series: string) => boolean
  /** `from` negative counts from the end; the beginning is cut to a line. */
  read: (series: string, from: number, limitBytes: number) => Promise<SeriesReadReply>
  /** Bytes from exactly this offset that are safely on disk, at most `limitBytes`, cut between characters. */
  readForShipping: (series: string, from: number, limitBytes: number) => Promise<{ text: string; end: number; size: number }>
  /** Every append. Returns its own unsubscribe. */
  onAppend: (listener: (series: string, text: string) => void) => () => void
  /** Series that may hold more than was shipped. */
  unshipped: () => Shipping[]
  setShipped: (series: string, shipped: number, skew: number) => void
  /** Removes series that nobody appended to since then and that are shipped, and any older than `hardTimeMs`. Returns how many. */
  dropOlderThan: (timeMs: number, hardTimeMs: number) => Promise<number>
  /** Settles when everything appended so far is written. */
  flush: () => Promise<void>
  close: () => Promise<void>
}

export function openLocalSeries(folder: string, local: LocalDatabase, now: () => number, log: Logger): LocalSeries {
  local.migrate({
    feature: 'series',
    steps: [
      `CREATE TABLE series (
        name TEXT PRIMARY KEY, shipped INTEGER NOT NULL DEFAULT 0, skew INTEGER NOT NULL DEFAULT 0,
        complete INTEGER NOT NULL DEFAULT 0, appended_ms INTEGER NOT NULL
      ) WITHOUT ROWID`,
    ],
  })
  const insert = local.sql.prepare(
    'INSERT INTO series (name, appended_ms) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET complete = 0, appended_ms = ?2',
  )
  const update = local.sql.prepare('UPDATE series SET shipped = ?, skew = ?, complete = ? WHERE name = ?')
  const pending = local.sql.prepare('SELECT name, shipped, skew FROM series WHERE complete = 0 ORDER BY appended_ms')
  const old = local.sql.prepare('SELECT name FROM series WHERE (appended_ms < ? AND complete = 1) OR appended_ms < ?')
  const forget = local.sql.prepare('DELETE FROM series WHERE name = ?')
  const names = new Set(
    local.sql
      .prepare('SELECT name FROM series')
      .all()
      .map((row) => String(row['name'])),
  )
  const listeners = new Set<(series: string, text: string) => void>()
  /** Text that waits to be written, by series; joined, so that a fast log is one write. */
  const waiting = new Map<string, string[]>()
  /** Series that were shipped to their end. */
  const complete = new Set<string>()
  const sizes = new Map<string, number>()
  let writing: Promise<void> | null = null

  const pathOf = (series: string): string => {
    const [kind = '', name = ''] = series.split(/\/(.*)/s)
    return join(folder, kind, `${name.replaceAll(':', '~')}.txt`)
  }
  async function writeAll(): Promise<void> {
    while (waiting.size > 0) {
      for (const [series, parts] of [...waiting]) {
        waiting.delete(series)
        await write(series, parts.join('')).catch((thrown: unknown) => {
          // A part of it may have been written.
          sizes.delete(series)
          log.warn('text of a series was lost', { series, reason: String(thrown) })
        })
      }
    }
  }
  async function write(series: string, text: string): Promise<void> {
    const path = pathOf(series)
    if (!names.has(series)) await mkdir(join(path, '..'), { recursive: true })
    const size = await sizeOf(series)
    if (size > largestBytes) return
    const file = await open(path, 'a')
    try {
      await file.appendFile(
        size + text.length > largestBytes ? `${text.slice(0, Math.max(0, largestBytes - size))}\n[the log is full]\n` : text,
      )
    } finally {
      await file.close()
    }
    sizes.set(series, (await stat(path)).size)
    if (names.has(series) && !complete.has(series)) return
    insert.run(series, Math.floor(now()))
    names.add(series)
    complete.delete(series)
  }
  function startWriting(): Promise<void> {
    writing ??= writeAll().finally(() => {
      writing = null
      if (waiting.size > 0) void startWriting()
    })
    return writing
  }
  async function flush(): Promise<void> {
    while (writing !== null || waiting.size > 0) await startWriting()
  }
  async function sizeOf(series: string): Promise<number> {
    const known = sizes.get(series)
    if (known !== undefined) return known
    const size = await stat(pathOf(series)).then(
      (found) => found.size,
      () => 0,
    )
    sizes.set(series, size)
    return size
  }
  async function readBytes(series: string, from: number, bytes: number, synced = false): Promise<Buffer> {
    let file: FileHandle | null = null
    try {
      file = await open(pathOf(series), synced ? 'r+' : 'r')
      if (synced) await file.datasync()
      const buffer = Buffer.alloc(Math.max(0, bytes))
      const { bytesRead } = await file.read(buffer, 0, buffer.length, from)
      return buffer.subarray(0, bytesRead)
    } catch (thrown) {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return Buffer.alloc(0)
      throw thrown
    } finally {
      await file?.close()
    }
  }
  for (const row of local.sql.prepare('SELECT name FROM series WHERE complete = 1').all()) complete.add(String(row['name']))

  return {
    append(series, text) {
      if (text === '') return
      const parts = waiting.get(series)
      if (parts === undefined) waiting.set(series, [text])
      else parts.push(text)
      void startWriting()
      for (const listener of [...listeners]) listener(series, text)
    },
    has: (series) => names.has(series) || waiting.has(series),
    async read(series, from, limitBytes) {
      await flush()
      const size = await sizeOf(series)
      const start = Math.min(size, from < 0 ? Math.max(0, size + from) : from)
      // One byte more at the front tells whether the beginning is that of a line.
      const lead = start > 0 ? 1 : 0
      const bytes = await readBytes(series, start - lead, Math.min(limitBytes, size - start) + lead)
      const cut = cutToLine(bytes, lead)
      return { from: start + cut.skipped, text: cutToText(cut.bytes).toString('utf8'), size }
    },
    async readForShipping(series, from, limitBytes) {
      await flush()
      const size = await sizeOf(series)
      const bytes = cutToText(await readBytes(series, from, Math.min(limitBytes, Math.max(0, size - from)), true))
      return { text: bytes.toString('utf8'), end: from + bytes.length, size }
    },
    onAppend(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    unshipped: () =>
      pending.all().map((row) => ({ series: String(row['name']), shipped: Number(row['shipped']), skew: Number(row['skew']) })),
    setShipped(series, shipped, skew) {
      // Text may have come while the last of it was on its way.
      const isComplete = shipped >= (sizes.get(series) ?? Number.POSITIVE_INFINITY) && !waiting.has(series)
      update.run(shipped, skew, isComplete ? 1 : 0, series)
      if (isComplete) complete.add(series)
      else complete.delete(series)
    },
    async dropOlderThan(timeMs, hardTimeMs) {
      const found = old.all(timeMs, hardTimeMs).map((row) => String(row['name']))
      for (const series of found) {
        await rm(pathOf(series), { force: true })
        forget.run(series)
        names.delete(series)
        sizes.delete(series)
        complete.delete(series)
      }
      return found.length
    },
    flush,
    async close() {
      await flush()
      listeners.clear()
    },
  }
}
