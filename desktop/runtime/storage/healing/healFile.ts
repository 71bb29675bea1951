import type { Logger } from '#shared/log.ts'
import { forgetMark, isDamaged } from './damage.ts'
import { salvage } from './salvage.ts'
import { setAside } from './setAside.ts'

/** What was done about a damaged database. */
export interface Healed {
  atMs: number
  /** Where the damaged file is kept. */
  keptAs: string
  /** Rows that could still be read and are in the new file. */
  rows: number
  /** All of them: nothing but indexes or free pages was damaged. */
  isWhole: boolean
}

export interface HealOptions {
  nowMs: number
  /** The last end was not orderly: look through the whole file whatever its size. */
  thorough: boolean
  log: Logger
}

/**
 * Sees to it that the database at `path` can be opened: a damaged one is set aside, and what can be read of it is put into a new one.
 * Call it before anything opens the file. Returns null when it was whole (or not there).
 * Throws AppErrorException STORE_CORRUPT when this happened too often lately.
 */
export function healFile(path: string, { nowMs, thorough, log }: HealOptions): Healed | null {
  if (!isDamaged(path, thorough)) return null
  const keptAs = setAside(path, nowMs)
  const { rows, isWhole } = salvage(keptAs, path)
  forgetMark(path)
  log.error('a damaged database was set aside, and what could be read of it is in a new one', { path, keptAs, rows, isWhole })
  return { atMs: nowMs, keptAs, rows, isWhole }
}
