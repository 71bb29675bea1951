import type { Preferences } from '#shared/collections/preferences.schema.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { transferHold, type TransferHold } from '#shared/rules/transferHold.ts'
import type { Direction, MonthBytes, MonthlyBytes } from './monthlyBytes.ts'
import { createPacer } from './pacer.ts'

const kib = 1024
/** Clocks jump and zones change: a hold that ends at a known time is looked at this often all the same. */
const lookAgainMs = 60_000

/** Every byte of files that leaves or comes goes through here: held outside the hours and above the quota, paced below the caps, counted. */
export interface Transfers {
  /** Why no file may travel now; null: they may. */
  hold(): (TransferHold & { sinceMs: number }) | null
  /** Aborted when files may not travel any more; another one afterwards. */
  signal(): AbortSignal
  /** Waits until so many bytes may go, and counts them. Rejects when `signal` or the hold ends it. */
  take(direction: Direction, bytes: number, signal: AbortSignal): Promise<void>
  used(): MonthBytes
  setWanted(wanted: Preferences): void
  setMetered(metered: boolean): void
  onChange(listener: () => void): () => void
  stop(): void
}

export interface TransfersOptions {
  bytes: MonthlyBytes
  clock: Clock
  log: Logger
  zone: () => string
}

export function createTransfers({ bytes, clock, log, zone }: TransfersOptions): Transfers {
  const listeners = new Set<() => void>()
  const pacers = { up: createPacer(clock), down: createPacer(clock) }
  let wanted: Preferences = {}
  let metered = false
  let hold: (TransferHold & { sinceMs: number }) | null = null
  let open = new AbortController()
  let cancel = () => undefined as void

  const look = () => {
    cancel()
    const { up, down } = bytes.current()
    const next = transferHold(wanted, { usedBytes: up + down, metered }, clock.now(), zone())
    if (next !== null) cancel = clock.after(waitOf(next, clock.now()), look)
    else if (wanted.networkHours !== undefined) cancel = clock.after(lookAgainMs, look)
    if (next?.code === hold?.code && next?.untilMs === hold?.untilMs) return
    const was = hold
    hold = next === null ? null : { ...next, sinceMs: was?.code === next.code ? was.sinceMs : clock.now() }
    if (hold === null) open = new AbortController()
    else if (was === null) {
      log.info('no files travel now', { code: hold.code, untilMs: hold.untilMs })
      open.abort(new Error(`held: ${hold.code}`))
    }
    listeners.forEach((listener) => listener())
  }
  return {
    hold: () => hold,
    signal: () => open.signal,
    async take(direction, count, signal) {
      await pacers[direction].take(count, AbortSignal.any([signal, open.signal]))
      bytes.add(direction, count)
      if (wanted.monthlyTransferMiB !== undefined) look()
    },
    used: () => bytes.current(),
    setWanted(next) {
      wanted = next
      pacers.up.setRate(next.maxUploadKiBps === undefined ? null : next.maxUploadKiBps * kib)
      pacers.down.setRate(next.maxDownloadKiBps === undefined ? null : next.maxDownloadKiBps * kib)
      look()
    },
    setMetered(next) {
      if (next === metered) return
      metered = next
      look()
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop() {
      cancel()
      bytes.stop()
    },
  }
}

const waitOf = ({ untilMs }: TransferHold, nowMs: number): number =>
  untilMs === null ? lookAgainMs : Math.min(lookAgainMs, Math.max(0, untilMs - nowMs) + 1)
