import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { CouchAnswer } from './couchConnection.ts'

/** The body of an answer that went well. Anything else is SERVER_STORE_UNREACHABLE with what CouchDB said. */
export function expectStatus<Body>(answer: CouchAnswer): Body {
  if (answer.status >= 200 && answer.status < 300 && typeof answer.body === 'object' && answer.body !== null) {
    // Safe: the shapes asked for here are those of CouchDB's documented API.
    return answer.body as Body
  }
  throw new AppErrorException(appError('SERVER_STORE_UNREACHABLE', { status: answer.status, reason: reasonOf(answer) }))
}

export function reasonOf({ status, body }: CouchAnswer): string {
  const said = typeof body === 'object' && body !== null && 'reason' in body ? String(body.reason) : ''
  return said === '' ? `it answered ${status}` : `it answered ${status}: ${said}`
}
