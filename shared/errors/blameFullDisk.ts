import { appError, type AppError } from './appError.ts'
import type { ErrorCode } from './codes.ts'

/** Less than this and nothing that is written at a start has room. */
const nothingFreeBytes = 1024 * 1024
/** What a full disk looks like from further up: SQLite says "disk I/O error", a store answers 500, a process ends or is silent. */
const mayBeFullDisk: readonly ErrorCode[] = [
  'UNEXPECTED',
  'STORE_NOT_COUCHDB',
  'SERVER_STORE_UNREACHABLE',
  'SERVER_UNREACHABLE',
  'PROCESS_FAILED',
  'TIMED_OUT',
]

/** Why something did not start, given how much room its data has: a full disk is called that, however it was met. */
export function blameFullDisk(error: AppError, freeBytes: number, what: string): AppError {
  return mayBeFullDisk.includes(error.code) && freeBytes < nothingFreeBytes ? appError('DISK_FULL', { what }) : error
}
