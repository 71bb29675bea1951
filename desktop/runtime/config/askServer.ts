import { helloInfoSchema, type HelloInfo } from '#shared/api/gatewayRoutes.ts'
import { durations } from '#shared/durations.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import { errorCodes, type ErrorCode } from '#shared/errors/codes.ts'
import type { JsonValue } from '#shared/json.ts'
import { err, ok, type Result } from '#shared/result.ts'

/** A plain request to a gateway, before there is a session. Errors: SERVER_UNREACHABLE, TIMED_OUT or the server's own. */
export async function askServer(serverUrl: string, path: string, body?: JsonValue): Promise<Result<unknown>> {
  try {
    const response = await fetch(new URL(path, serverUrl), {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      signal: AbortSignal.timeout(durations.requestTimeoutMs),
    })
    const answer: unknown = await response.json().catch(() => null)
    return readAnswer(answer, response.ok) ?? err(appError('SERVER_UNREACHABLE', { server: serverUrl, reason: `HTTP ${response.status}` }))
  } catch (error) {
    return err(appError('SERVER_UNREACHABLE', { server: serverUrl, reason: reasonOf(error) }))
  }
}

/** fetch says only "fetch failed"; why stands in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

/** Routes answer with the value itself or with a Result; refusals with the error as data. */
function readAnswer(answer: unknown, wasOk: boolean): Result<unknown> | null {
  if (typeof answer !== 'object' || answer === null) return null
  if ('ok' in answer && answer.ok === true && 'value' in answer) return ok(answer.value)
  const error = 'error' in answer ? answer.error : answer
  if (isAppError(error)) return err(error)
  return wasOk ? ok(answer) : null
}

const isAppError = (value: unknown): value is AppError =>
  typeof value === 'object' && value !== null && 'code' in value && Object.hasOwn(errorCodes, value.code as ErrorCode)

/** Says who answers at an address. Error: SERVER_UNREACHABLE, also for anything that is no gateway. */
export async function greetServer(serverUrl: string): Promise<Result<HelloInfo>> {
  const answer = await askServer(serverUrl, '/api/hello')
  if (!answer.ok) return answer
  const hello = helloInfoSchema.safeParse(answer.value)
  return hello.success ? ok(hello.data) : err(appError('SERVER_UNREACHABLE', { server: serverUrl, reason: 'it is no Pictor gateway' }))
}
