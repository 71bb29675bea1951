import nano from 'nano'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { storeDamagedError, storeDamageSchema, type StoreDamaged } from '#shared/api/storeProcess.ts'
import { durations } from '#shared/durations.ts'
import type { CouchTarget } from './couchTarget.ts'

interface CouchRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD'
  /** Path below the server, already encoded. */
  path: string
  query?: Record<string, string | number | boolean>
  /** JSON text. */
  body?: string
  timeoutMs?: number
  signal?: AbortSignal
  /** Repeated by whoever asks, who must know of every try. */
  repeatedByCaller?: boolean
}
export interface CouchAnswer {
  status: number
  /** Parsed JSON; for an error `{error, reason}`. */
  body: unknown
}
export interface CouchConnection {
  /**
   * Resolves with whatever CouchDB answers, errors too. Rejects with SERVER_STORE_UNREACHABLE when no whole answer came, SERVER_STORE_DAMAGED when
   * the embedded store met a damaged file of its own: from then on it answers nothing else.
   */
  request(request: CouchRequest): Promise<CouchAnswer>
}

/**
 * One connection to CouchDB or the embedded store, over nano (which keeps connections alive). `target` is asked at each request, because the
 * embedded store has a new port and password after a restart; null = it is not up at the moment.
 */
export function createCouchConnection(target: () => CouchTarget | null): CouchConnection {
  let scope: { of: CouchTarget; server: nano.ServerScope } | null = null
  function server(): nano.ServerScope {
    const now = target()
    if (now === null) throw unreachable('the store is starting')
    if (scope?.of !== now) scope = { of: now, server: connect(now) }
    return scope.server
  }
  return {
    async request({ method = 'GET', path, query, body, timeoutMs = durations.storeRequestTimeoutMs, signal }) {
      const timeout = AbortSignal.timeout(timeoutMs)
      const options: nano.RequestOptions & { dontStringify: boolean; signal: AbortSignal } = {
        method,
        path,
        dontStringify: true,
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      }
      if (query !== undefined) options.qs = query
      if (body !== undefined) options.body = body
      try {
        const answer: unknown = await server()
          .request(options)
          .catch((thrown: unknown) => {
            // Safe: what is only read may be asked for again.
            if (method === 'GET' && wasClosed(thrown)) return server().request(options)
            throw thrown
          })
        // nano gives an empty text when the answer was cut off in the middle: nothing is known then.
        if (answer === '' && method !== 'HEAD') throw new Error('the answer was cut off')
        return { status: 200, body: answer }
      } catch (thrown) {
        const damage = damageOf(thrown)
        if (damage !== null) throw new AppErrorException(appError('SERVER_STORE_DAMAGED', damage), { cause: thrown })
        if (isAnswer(thrown)) return { status: thrown.statusCode, body: { error: thrown.error, reason: thrown.reason } }
        if (thrown instanceof AppErrorException) throw thrown
        if (timeout.aborted)
          throw new AppErrorException(appError('SERVER_STORE_UNREACHABLE', { reason: 'no answer in time', timedOut: true }))
        throw unreachable(thrown instanceof Error ? thrown.message : 'no answer')
      }
    },
  }
}

function connect(target: CouchTarget): nano.ServerScope {
  const headers = target.authorization === null ? {} : { Authorization: target.authorization }
  // The types lack `parseUrl`; without it nano would take a path prefix of the server for a database.
  const configuration: nano.Configuration & { parseUrl: boolean } = { url: target.url, parseUrl: false, headers }
  return nano(configuration)
}

/**
 * The other side had closed a connection that was kept and not used. Of that one hears in the next turn of the event loop, which may be late: an index
 * that is built anew takes minutes, a store keeps an unused connection for one.
 */
const wasClosed = (thrown: unknown): boolean => thrown instanceof Error && thrown.message.includes('other side closed')

function unreachable(reason: string): AppErrorException {
  return new AppErrorException(appError('SERVER_STORE_UNREACHABLE', { reason }))
}

interface AnswerError {
  statusCode: number
  error?: string
  reason?: string
}
function isAnswer(thrown: unknown): thrown is AnswerError {
  return (
    thrown instanceof Error &&
    'scope' in thrown &&
    thrown.scope === 'couch' &&
    'statusCode' in thrown &&
    typeof thrown.statusCode === 'number'
  )
}

/** The embedded store's word that it is damaged; nano keeps what the answer's body had. */
function damageOf(thrown: unknown): StoreDamaged | null {
  if (!isAnswer(thrown) || thrown.error !== storeDamagedError || !('damage' in thrown)) return null
  const parsed = storeDamageSchema.safeParse(thrown.damage)
  return parsed.success ? parsed.data : null
}

/** Answers that say nothing about the request itself: worth the same request later. */
export function isTransient(status: number): boolean {
  return status >= 500 || status === 401 || status === 403 || status === 408 || status === 429
}
