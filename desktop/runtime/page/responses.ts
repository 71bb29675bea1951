import type { IncomingMessage, ServerResponse } from 'node:http'
import { appError, type AppError } from '#shared/errors/appError.ts'
import type { ErrorCode } from '#shared/errors/codes.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { safeHeaders } from './staticFiles.ts'

const statuses: Partial<Record<ErrorCode, number>> = {
  NOT_SIGNED_IN: 401,
  LINK_USED_OR_EXPIRED: 401,
  NOT_ALLOWED: 403,
  NOT_FOUND: 404,
  FILE_NOT_FOUND: 404,
  JOB_NOT_FOUND: 404,
  FILE_TOO_LARGE: 413,
  TOO_MANY_ATTEMPTS: 429,
  UNEXPECTED: 500,
  DISK_FULL: 507,
  SERVER_UNREACHABLE: 502,
  TIMED_OUT: 504,
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  if (response.headersSent) return void response.end()
  const text = JSON.stringify(body)
  response.writeHead(status, {
    ...safeHeaders,
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  })
  response.end(text)
}

export function sendError(response: ServerResponse, error: AppError): void {
  sendJson(response, statuses[error.code] ?? 400, { ok: false, error })
}

/** A small JSON body. Errors: REQUEST_INVALID. */
export async function readJson(request: IncomingMessage, limitBytes: number): Promise<Result<unknown>> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > limitBytes) return err(appError('REQUEST_INVALID', { reason: 'the body is too large' }))
    chunks.push(chunk)
  }
  try {
    return ok(JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown)
  } catch {
    return err(appError('REQUEST_INVALID', { reason: 'the body is not JSON' }))
  }
}
