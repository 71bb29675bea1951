import type { Clock } from '#shared/log.ts'
import type { Holds } from '../node/holds.ts'

/** A full disk counts as free again from here on; a small one when a quarter of it is. */
const enoughBytes = 256 * 1024 * 1024
const enoughShare = 0.25
const lookEveryMs = 5_000

export interface WatchDiskOptions {
  holds: Holds
  clock: Clock
  freeBytes: () => Promise<number | null>
  totalBytes: () => Promise<number | null>
}

/** While the node is held for a full disk, looks whether there is space again. Costs nothing otherwise. */
export function watchDisk({ holds, clock, freeBytes, totalBytes }: WatchDiskOptions): () => void {
  let cancel: (() => void) | null = null
  const look = async () => {
    const [free, total] = [await freeBytes(), await totalBytes()]
    const enough = Math.min(enoughBytes, (total ?? Infinity) * enoughShare)
    cancel = null
    if (free === null || free >= enough) holds.clear('DISK_FULL')
    follow()
  }
  const follow = () => {
    if (holds.has('DISK_FULL')) cancel ??= clock.after(lookEveryMs, () => void look())
  }
  const unwatch = holds.onChange(follow)
  return () => {
    unwatch()
    cancel?.()
  }
}
