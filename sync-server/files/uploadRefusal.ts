import type { AppError } from '#shared/errors/appError.ts'
import type { ErrorCode } from '#shared/errors/codes.ts'

const statusCodes: Partial<Record<ErrorCode, number>> = {
  REQUEST_INVALID: 400,
  NOT_ALLOWED: 403,
  NOT_FOUND: 404,
  TASK_NOT_FOUND: 404,
  FRAME_NOT_IN_TASK: 404,
  // As tus has it for one that is not here: the client begins anew.
  UPLOAD_ELSEWHERE: 410,
  FILE_TOO_LARGE: 413,
  FILE_HASH_MISMATCH: 422,
  SERVER_STORE_UNREACHABLE: 503,
  SERVER_STORE_DAMAGED: 503,
  FILE_STORE_UNREACHABLE: 503,
  DISK_FULL: 507,
}

/** What the tus library wants thrown: a status and a body, here the error as data. */
export class UploadRefusal extends Error {
  readonly status_code: number
  readonly body: string
  readonly error: AppError
  constructor(error: AppError) {
    super(error.message)
    this.error = error
    this.status_code = statusCodes[error.code] ?? 500
    this.body = JSON.stringify({ ok: false, error })
  }
}
export const refuse = (error: AppError): UploadRefusal => new UploadRefusal(error)
