import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Preferences } from '#shared/collections/preferences.schema.ts'
import type { Clock } from '#shared/log.ts'
import type { Holds } from '../node/holds.ts'

const mib = 1024 * 1024
/** The folder is walked: not for every frame. */
const lookEveryMs = 30_000
/** A hold ends when there is so much room again, or it would swing. */
const enoughBytes = 64 * mib

export interface DiskRoomOptions {
  folder: string
  holds: Holds
  clock: Clock
  wanted: () => Pick<Preferences, 'maxDataMiB' | 'keepFreeMiB'>
  freeBytes: () => Promise<number | null>
  /** Work is in progress or waiting. */
  busy: () => boolean
}

/** How much this node may still write, by the limits of its owner. */
export interface DiskRoom {
  /** Bytes; Infinity where nothing is set. Below 0: more is used than may be. */
  roomBytes(): Promise<number>
  /** The limits or the work changed. */
  wake(): void
  stop(): void
}

/** Holds the node (`DISK_LIMIT`) while it uses more than it may, and says so until there is room again. */
export function watchDiskRoom({ folder, holds, clock, wanted, freeBytes, busy }: DiskRoomOptions): DiskRoom {
  let cancel = () => undefined as void
  let stopped = false
  const roomBytes = async () => {
    const { maxDataMiB, keepFreeMiB } = wanted()
    const free = keepFreeMiB === undefined ? null : await freeBytes()
    const byFree = free === null || keepFreeMiB === undefined ? Infinity : free - keepFreeMiB * mib
    const byData = maxDataMiB === undefined ? Infinity : maxDataMiB * mib - (await folderBytes(folder))
    return Math.min(byFree, byData)
  }
  const look = async () => {
    cancel()
    const { maxDataMiB, keepFreeMiB } = wanted()
    if (maxDataMiB === undefined && keepFreeMiB === undefined) return holds.clear('DISK_LIMIT')
    const room = await roomBytes()
    if (stopped) return
    if (room < 0) holds.set('DISK_LIMIT', { blocks: true, details: { overMiB: Math.ceil(-room / mib) } })
    else if (room >= enoughBytes) holds.clear('DISK_LIMIT')
    if (busy() || holds.has('DISK_LIMIT')) cancel = clock.after(lookEveryMs, wake)
  }
  const wake = () => void look().catch(() => (cancel = clock.after(lookEveryMs, wake)))
  return {
    roomBytes,
    wake,
    stop() {
      stopped = true
      cancel()
    },
  }
}

/** What a folder takes on the disk; links are not followed, and what goes away meanwhile counts nothing. */
export async function folderBytes(folder: string): Promise<number> {
  let sum = 0
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) sum += await folderBytes(path)
    else if (entry.isFile()) sum += (await lstat(path).catch(() => null))?.size ?? 0
  }
  return sum
}
