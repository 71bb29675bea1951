import { randomBytes } from 'node:crypto'
import { rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '#shared/log.ts'
import type { Holds } from '../node/holds.ts'

/** A full disk counts as free again from here on; a small one when a quarter of it is. */
const enoughBytes = 256 * 1024 * 1024
const enoughShare = 0.25
const lookEveryMs = 5_000
/** Room for some thousand documents. */
const reserveBytes = 4 * 1024 * 1024

export interface WatchDiskOptions {
  folder: string
  holds: Holds
  clock: Clock
  freeBytes: () => Promise<number | null>
  totalBytes: () => Promise<number | null>
}

/**
 * While the node is held for a full disk, looks whether there is space again. Costs nothing otherwise.
 * A file of a few MiB is kept in reserve and given up when the disk is full: on a disk without a single byte the database could not
 * even write down why the node rests, and nobody would learn it.
 */
export async function watchDisk({ folder, holds, clock, freeBytes, totalBytes }: WatchDiskOptions): Promise<() => void> {
  const reserve = join(folder, 'reserve.bin')
  let cancel: (() => void) | null = null
  const isRoomy = async () => {
    const [free, total] = [await freeBytes(), await totalBytes()]
    return free === null || free >= Math.min(enoughBytes, (total ?? Infinity) * enoughShare)
  }
  const keepReserve = async () => {
    const kept = await stat(reserve).catch(() => null)
    if (kept?.size === reserveBytes || !(await isRoomy())) return
    // Random, so that no file system compresses it away. Without a reserve the node works as well, only a full disk is said later.
    await writeFile(reserve, randomBytes(reserveBytes), { mode: 0o600 }).catch(() => rm(reserve, { force: true }))
  }
  const look = async () => {
    const roomy = await isRoomy()
    cancel = null
    if (roomy) {
      holds.clear('DISK_FULL')
      await keepReserve()
    }
    follow()
  }
  const follow = () => {
    if (!holds.has('DISK_FULL') || cancel !== null) return
    void rm(reserve, { force: true }).catch(() => undefined)
    cancel = clock.after(lookEveryMs, () => void look())
  }
  const unwatch = holds.onChange(follow)
  await keepReserve()
  follow()
  return () => {
    unwatch()
    cancel?.()
  }
}
