import { durations } from '#shared/durations.ts'
import { appError, toAppError, type AppError } from '#shared/errors/appError.ts'
import type { Clock } from '#shared/log.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { CouchAnswer, CouchConnection } from './couchConnection.ts'
import { reasonOf } from './expectStatus.ts'

export interface StoreFacts {
  /** For people: `CouchDB 3.5.1` or `embedded`. */
  description: string
}

/**
 * Is there a CouchDB 3 that takes our credentials? A server that starts at the same moment as its database gets some time.
 * Errors: STORE_NOT_COUCHDB, SERVER_STORE_UNREACHABLE.
 */
export async function preflight(connection: CouchConnection, url: string, clock: Clock): Promise<Result<StoreFacts>> {
  const until = clock.monotonicMs() + durations.connectTimeoutMs
  for (;;) {
    const found = await ask(connection, url)
    if (found.ok || found.error.code !== 'SERVER_STORE_UNREACHABLE' || clock.monotonicMs() > until) return found
    await new Promise<void>((resolve) => clock.after(durations.reconnectMinMs, resolve))
  }
}

async function ask(connection: CouchConnection, url: string): Promise<Result<StoreFacts>> {
  const wrong = (reason: string): Result<StoreFacts, AppError> => err(appError('STORE_NOT_COUCHDB', { url, reason }))
  try {
    const root = await connection.request({ path: '', timeoutMs: durations.connectTimeoutMs })
    if (isUnauthorised(root)) return wrong('it did not accept the name and password')
    const facts = factsOf(root)
    if (facts === null) return wrong(root.status === 200 ? 'it is something else' : reasonOf(root))
    if (facts.major < 3) return wrong(`it is version ${facts.major}, and at least 3 is needed`)
    const list = await connection.request({ path: '_all_dbs', query: { limit: 1 } })
    if (isUnauthorised(list)) return wrong('the name and password are not those of an administrator')
    if (list.status !== 200) return wrong(reasonOf(list))
    return ok({ description: facts.description })
  } catch (thrown) {
    return err(toAppError(thrown))
  }
}

const isUnauthorised = ({ status }: CouchAnswer) => status === 401 || status === 403

function factsOf({ status, body }: CouchAnswer): { description: string; major: number } | null {
  if (status !== 200 || typeof body !== 'object' || body === null) return null
  const root = body as Record<string, unknown>
  if (root['express-pouchdb'] !== undefined) return { description: 'embedded', major: 3 }
  if (root['couchdb'] !== 'Welcome' || typeof root['version'] !== 'string') return null
  return { description: `CouchDB ${root['version']}`, major: Number.parseInt(root['version'], 10) }
}
