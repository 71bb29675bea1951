import type { JsonObject } from '../json.ts'
import { words } from '../words/en.ts'
import { errorCodes, type ErrorCode, type ErrorTraits } from './codes.ts'

/** An error as data: the stable code, an English sentence (what happened, why, what to do), the facts it was built from. */
export interface AppError {
  code: ErrorCode
  message: string
  details?: JsonObject
}

/**
 * Makes an error from its code; `details` fill the `{placeholders}` of its sentence.
 * The message is for logs and the command line: pages choose the words of their own language by code and details.
 */
export function appError(code: ErrorCode, details?: JsonObject): AppError {
  const message = fillIn(words.errors[code], details ?? {})
  return details === undefined ? { code, message } : { code, message, details }
}

export function errorTraits(code: ErrorCode): ErrorTraits {
  return errorCodes[code]
}

/** For code that must throw (a constructor, a library's callback): carries the data across the stack. */
export class AppErrorException extends Error {
  readonly error: AppError
  constructor(error: AppError, options?: ErrorOptions) {
    super(`${error.code}: ${error.message}`, options)
    this.name = 'AppErrorException'
    this.error = error
  }
}

/** Turns anything thrown into data. What we did not expect becomes UNEXPECTED with its message. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppErrorException) return thrown.error
  if (saysDiskFull(thrown)) return appError('DISK_FULL', { what: 'a file' })
  return appError('UNEXPECTED', { reason: thrown instanceof Error ? thrown.message : String(thrown) })
}

const sqliteFull = 13

/** Whether the system or SQLite says, wherever it was met, that the disk or the quota is full. */
export function saysDiskFull(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  const code = 'code' in thrown ? thrown.code : undefined
  const errcode = 'errcode' in thrown && typeof thrown.errcode === 'number' ? thrown.errcode & 0xff : 0
  return code === 'ENOSPC' || code === 'EDQUOT' || errcode === sqliteFull || saysDiskFull(thrown.cause)
}

export function fillIn(sentence: string, details: JsonObject): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = details[name]
    if (value === undefined || value === null) return whole
    if (Array.isArray(value)) return value.map(String).join(', ')
    return typeof value === 'object' ? JSON.stringify(value) : String(value)
  })
}
