import { z } from 'zod'
import { gatewayCalls, type GatewayCallName, type GatewayInput, type GatewayOutput } from '#shared/api/gatewayCalls.ts'
import {
  enrolAboutSchema,
  helloInfoSchema,
  sessionInfoSchema,
  type EnrolAbout,
  type HelloInfo,
  type SessionInfo,
} from '#shared/api/gatewayRoutes.ts'
import { collections, type CollectionName, type Documents } from '#shared/collections/collections.ts'
import { durations } from '#shared/durations.ts'
import { appError, AppErrorException, type AppError } from '#shared/errors/appError.ts'
import { errorCodes, type ErrorCode } from '#shared/errors/codes.ts'
import type { JsonObject } from '#shared/json.ts'
import { limits } from '#shared/sync/protocol.ts'

/**
 * Speaks to a server (or to a node's local page, which answers the same) over HTTP, as the owner or as the operator.
 * Everything rejects with AppErrorException: the server's own error, SERVER_UNREACHABLE {server} or UNEXPECTED.
 */
export interface ServerClient {
  url: string
  hello(): Promise<HelloInfo>
  call<Name extends GatewayCallName>(name: Name, input: GatewayInput<Name>): Promise<GatewayOutput<Name>>
  /** A call that is not the gateway's (a runtime's own); its answer is checked by `schema`. */
  callOther<T>(name: string, input: JsonObject, schema: z.ZodType<T>): Promise<T>
  /** Every document of a collection that is not deleted. */
  documents<Name extends CollectionName>(collection: Name): Promise<Documents[Name][]>
  /** A raw request below this server, with the session. The answer's status is checked. */
  request(path: string, init?: RequestInit): Promise<Response>
  /** Signs in with a one-time secret and gives a token for clients without cookies. */
  signInByLink(secret: string): Promise<SessionInfo>
  signInByPassword(name: string, password: string): Promise<SessionInfo>
  /** What an enrolment token is for; uses nothing of it. */
  aboutEnrolment(enrolmentToken: string): Promise<EnrolAbout>
  /** Whose session it is. */
  session(): Promise<SessionInfo>
  withToken(token: string): ServerClient
}

const pullReply = z.looseObject({
  documents: z.array(z.looseObject({ id: z.string() })),
  checkpoint: z.record(z.string(), z.json()).nullable(),
  more: z.boolean().optional(),
})

export function serverClient(url: string, token: string | null = null): ServerClient {
  const base = url.replace(/\/$/, '')

  async function request(path: string, init: RequestInit = {}): Promise<Response> {
    let response: Response
    try {
      response = await fetch(`${base}${path}`, {
        signal: AbortSignal.timeout(durations.requestTimeoutMs),
        ...init,
        headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headersOf(init) },
      })
    } catch (error) {
      throw new AppErrorException(appError('SERVER_UNREACHABLE', { server: base, reason: reasonOf(error) }), { cause: error })
    }
    if (response.ok) return response
    throw new AppErrorException(errorOf(await response.json().catch(() => null), response.status, base))
  }

  async function ask<T>(path: string, schema: z.ZodType<T>, body?: unknown): Promise<T> {
    const response = await request(path, body === undefined ? {} : post(body))
    const answer: unknown = await response.json().catch(() => null)
    if (isRefusal(answer)) throw new AppErrorException(errorOf(answer, response.status, base))
    // Calls and protocol operations answer a Result, plain routes the value itself.
    const value = isResult(answer) ? answer.value : answer
    const parsed = schema.safeParse(value)
    if (parsed.success) return parsed.data
    throw new AppErrorException(appError('UNEXPECTED', { reason: `${base}${path} answered something else than agreed` }))
  }

  return {
    url: base,
    hello: () => ask('/api/hello', helloInfoSchema),
    call: (name, input) => ask(`/api/call/${name}`, outputOf(name), input),
    callOther: (name, input, schema) => ask(`/api/call/${name}`, schema, input),
    async documents(collection) {
      const found = new Map<string, Documents[typeof collection]>()
      let checkpoint: z.infer<typeof pullReply>['checkpoint'] = null
      for (;;) {
        const page: z.infer<typeof pullReply> = await ask('/sync/pull', pullReply, { collection, checkpoint, limit: limits.batchRows })
        for (const raw of page.documents) {
          const document = collections[collection].schema.safeParse(raw)
          if (raw['_deleted'] === true || (document.success && document.data.deletedAt !== undefined)) found.delete(raw.id)
          else if (document.success) found.set(raw.id, document.data)
        }
        // A page of large documents is cut by its bytes and says that there is more.
        if (page.more !== true && page.documents.length < limits.batchRows) return [...found.values()]
        checkpoint = page.checkpoint
      }
    },
    request,
    signInByLink: (secret) => ask('/api/session/link', sessionInfoSchema, { secret, wantToken: true }),
    signInByPassword: (name, password) => ask('/api/session/password', sessionInfoSchema, { name, password, wantToken: true }),
    aboutEnrolment: (enrolmentToken) => ask('/api/enrol/about', enrolAboutSchema, { enrolmentToken }),
    session: () => ask('/api/session', sessionInfoSchema),
    withToken: (other) => serverClient(base, other),
  }
}

/** The table's schemas are a union; each name's own is what its output type is inferred from. */
const outputOf = <Name extends GatewayCallName>(name: Name) => gatewayCalls[name].output as unknown as z.ZodType<GatewayOutput<Name>>

const post = (body: unknown): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
})

const headersOf = (init: RequestInit): Record<string, string> => Object.fromEntries(new Headers(init.headers).entries())

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}

const isResult = (answer: unknown): answer is { ok: true; value: unknown } =>
  typeof answer === 'object' && answer !== null && 'ok' in answer && answer.ok === true && 'value' in answer

const isRefusal = (answer: unknown): boolean => typeof answer === 'object' && answer !== null && 'ok' in answer && answer.ok === false

function errorOf(answer: unknown, status: number, server: string): AppError {
  const candidate = typeof answer === 'object' && answer !== null && 'error' in answer ? answer.error : answer
  if (typeof candidate === 'object' && candidate !== null && 'code' in candidate && Object.hasOwn(errorCodes, candidate.code as ErrorCode))
    return candidate as AppError
  if (status === 401) return appError('NOT_SIGNED_IN')
  if (status === 403) return appError('NOT_ALLOWED')
  if (status === 404) return appError('NOT_FOUND')
  if (status >= 500) return appError('SERVER_UNREACHABLE', { server, reason: `HTTP ${status}` })
  return appError('UNEXPECTED', { reason: `${server} answered HTTP ${status}` })
}
