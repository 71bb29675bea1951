import { text } from 'node:stream/consumers'
import { helloInfoSchema, type HelloInfo } from '#shared/api/gatewayRoutes.ts'
import { durations } from '#shared/durations.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import { errorCodes, type ErrorCode } from '#shared/errors/codes.ts'
import type { JsonValue } from '#shared/json.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { httpRequest, whyItFailed } from '../http/httpRequest.ts'

/** A plain request to a gateway, before there is a session. Errors: SERVER_UNREACHABLE, TIMED_OUT or the server's own. */
export async function askServer(serverUrl: string, path: string, body?: JsonValue): Promise<Result<unknown>> {
  try {
    const response = await httpRequest(new URL(path, serverUrl), {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      signal: AbortSignal.timeout(durations.requestTimeoutMs),
    })
    const status = response.statusCode ?? 0
    const answer = asJson(await text(response))
    return readAnswer(answer, status < 300) ?? err(appError('SERVER_UNREACHABLE', { server: serverUrl, reason: `HTTP ${status}` }))
  } catch (error) {
    return err(appError('SERVER_UNREACHABLE', { server: serverUrl, reason: whyItFailed(error) }))
  }
}

/** What is no JSON comes from something that is no gateway. */
function asJson(answer: string): unknown {
  try {
    return JSON.parse(answer)
  } catch {
    return null
  }
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
