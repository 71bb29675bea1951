import type { z } from 'zod'
import { appError, type AppError } from '#shared/errors/appError.ts'
import { errorCodes, type ErrorCode } from '#shared/errors/codes.ts'
import { durations } from '#shared/durations.ts'
import { err, ok, type Result } from '#shared/result.ts'

interface Asked {
  method?: 'GET' | 'POST' | 'DELETE'
  body?: unknown
}

/**
 * One request to the server this page came from; the session travels in its cookie. A worker, which has no page, gives the whole address.
 * @returns the answer as its schema says, or an error as data; never rejects
 */
export async function askJson<Value>(
  path: string | URL,
  schema: z.ZodType<Value> | null,
  { method = 'GET', body }: Asked = {},
): Promise<Result<Value>> {
  let response: Response
  try {
    response = await fetch(typeof path === 'string' ? new URL(path, document.baseURI) : path, {
      method,
      credentials: 'same-origin',
      signal: AbortSignal.timeout(durations.requestTimeoutMs),
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
  } catch (error) {
    return err(appError('SERVER_UNREACHABLE', { server: location.host, reason: String(error) }))
  }
  const answer: unknown = await response.json().catch(() => null)
  if (!response.ok) return err(errorOf(answer, response.status))
  if (schema === null) return ok(null as Value)
  // Some routes answer the bare value, calls answer a Result.
  const value = isResult(answer) ? (answer.ok ? answer.value : null) : answer
  if (isResult(answer) && !answer.ok) return err(errorOf(answer, response.status))
  const parsed = schema.safeParse(value)
  return parsed.success ? ok(parsed.data) : err(appError('NOT_FOUND'))
}

const isResult = (value: unknown): value is { ok: boolean; value?: unknown; error?: unknown } =>
  typeof value === 'object' && value !== null && 'ok' in value && typeof value.ok === 'boolean'

/** Finds the error in an answer that is not a success, however the route wraps it. */
export function errorOf(answer: unknown, status: number): AppError {
  const candidate = typeof answer === 'object' && answer !== null && 'error' in answer ? answer.error : answer
  if (typeof candidate === 'object' && candidate !== null && 'code' in candidate && typeof candidate.code === 'string') {
    const code = candidate.code
    const message = 'message' in candidate && typeof candidate.message === 'string' ? candidate.message : code
    const details = 'details' in candidate ? { details: candidate.details as never } : {}
    if (Object.hasOwn(errorCodes, code)) return { code: code as ErrorCode, message, ...details }
  }
  if (status === 401) return appError('NOT_SIGNED_IN')
  if (status === 403) return appError('NOT_ALLOWED')
  if (status === 404) return appError('NOT_FOUND')
  if (status === 413) return appError('FILE_TOO_LARGE', { name: '', limitMiB: '' })
  if (status === 429) return appError('TOO_MANY_ATTEMPTS', { seconds: 60 })
  if (status >= 500) return appError('SERVER_UNREACHABLE', { server: location.host })
  return appError('UNEXPECTED', { reason: `HTTP ${status}` })
}
