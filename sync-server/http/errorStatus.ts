import type { ErrorCode } from '#shared/errors/codes.ts'

const statuses: Partial<Record<ErrorCode, number>> = {
  NOT_SIGNED_IN: 401,
  WRONG_PASSWORD: 401,
  LINK_USED_OR_EXPIRED: 401,
  NODE_REVOKED: 401,
  NODE_UNKNOWN: 401,
  ENROLMENT_REFUSED: 401,
  CONFIG_EXPIRED: 401,
  NOT_ALLOWED: 403,
  DOCUMENT_FORBIDDEN: 403,
  NOT_FOUND: 404,
  FILE_NOT_FOUND: 404,
  JOB_NOT_FOUND: 404,
  TASK_NOT_FOUND: 404,
  FILE_ELSEWHERE: 409,
  NODE_CLONED: 409,
  ACCOUNT_EXISTS: 409,
  LEASE_LOST: 409,
  FILE_TOO_LARGE: 413,
  DOCUMENT_TOO_LARGE: 413,
  BATCH_TOO_LARGE: 413,
  TOO_MANY_ATTEMPTS: 429,
  UNEXPECTED: 500,
  PROCESS_FAILED: 500,
  BUSY: 503,
  SERVER_STORE_UNREACHABLE: 503,
  FILE_STORE_UNREACHABLE: 503,
  DISK_FULL: 507,
}

/** The HTTP status of an error; the error itself travels in the body. */
export const errorStatus = (code: ErrorCode): number => statuses[code] ?? 400
