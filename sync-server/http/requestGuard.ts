import type { FastifyRequest } from 'fastify'
import { appError, type AppError } from '#shared/errors/appError.ts'
import type { Session } from '#shared/sync/backend.ts'
import type { Identity } from '../identity/identity.ts'
import type { RouteAccess, RouteSession } from './routeTable.ts'

export const sessionCookie = 'pictor_session'

/** The bearer token, or the session cookie of a browser. Never a part of the URL. */
export function tokenOf(request: FastifyRequest): string | null {
  const header = request.headers.authorization
  if (header !== undefined) return /^Bearer ([\w.~+/=-]{1,500})$/.exec(header)?.[1] ?? null
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2)
    if (name === sessionCookie && value !== undefined && /^[\w-]{1,500}$/.test(value)) return value
  }
  return null
}

/**
 * Pages of other origins may not speak to us, whatever cookies a browser would add; and on loopback no foreign name may lead here
 * (a page could point its own name at 127.0.0.1).
 */
export function foreignRequest(request: FastifyRequest, loopbackOnly: boolean): AppError | null {
  const host = request.headers.host ?? ''
  const name = host.replace(/:\d+$/, '').toLowerCase()
  if (loopbackOnly && !['localhost', '127.0.0.1', '[::1]'].includes(name)) return appError('NOT_ALLOWED')
  const { origin } = request.headers
  if (origin === undefined) return null
  return URL.parse(origin)?.host === host.toLowerCase() ? null : appError('NOT_ALLOWED')
}

/** Who asks, and may they use a route for `who`? */
export async function admit(
  request: FastifyRequest,
  who: RouteAccess,
  identity: Identity,
): Promise<{ session: RouteSession } | { error: AppError }> {
  const token = tokenOf(request)
  const session = token === null ? null : await identity.authenticate(token)
  if (who === 'anyone') return { session }
  if (session === null) return { error: appError('NOT_SIGNED_IN') }
  if (session === 'operator') return who === 'ownerNodeOrOperator' || who === 'observer' ? { session } : { error: appError('NOT_ALLOWED') }
  return allowed(session, who) ? { session } : { error: appError('NOT_ALLOWED') }
}

function allowed(session: Session, who: RouteAccess): boolean {
  switch (who) {
    case 'owner':
      return session.isOwner
    case 'node':
      return session.nodeId !== null
    case 'observer':
      return false
    case 'anyone':
    case 'ownerOrNode':
    case 'ownerNodeOrOperator':
      return true
  }
}
