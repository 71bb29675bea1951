import type { z } from 'zod'
import { appError, AppErrorException, type AppError } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import type { Result } from '#shared/result.ts'
import { durations } from '#shared/durations.ts'
import type { Instance } from './instanceFile.ts'

/**
 * Asks the instance that runs on a data folder (see controlServer.ts). Rejects with AppErrorException: the answer's own error,
 * SERVER_UNREACHABLE when nobody answers, UNEXPECTED when the answer is something else than `schema`.
 */
export async function askInstance<T>(
  instance: Instance,
  name: string,
  input: JsonObject,
  schema: z.ZodType<T>,
  timeoutMs: number = durations.requestTimeoutMs,
): Promise<T> {
  let answer: Result<unknown, AppError>
  const { control } = instance
  if (control === null) throw new AppErrorException(appError('NOT_FOUND'))
  try {
    const response = await fetch(`${control.url}/ask`, {
      method: 'POST',
      headers: { authorization: `Bearer ${control.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name, input }),
      signal: AbortSignal.timeout(timeoutMs),
    })
    answer = (await response.json()) as Result<unknown, AppError>
  } catch (error) {
    throw new AppErrorException(appError('SERVER_UNREACHABLE', { server: 'this computer', reason: String(error) }), { cause: error })
  }
  if (!answer.ok) throw new AppErrorException(answer.error)
  const parsed = schema.safeParse(answer.value)
  if (parsed.success) return parsed.data
  throw new AppErrorException(appError('UNEXPECTED', { reason: `${name} answered something else than agreed` }))
}
