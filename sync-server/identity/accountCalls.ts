import { appError } from '#shared/errors/appError.ts'
import { err, ok } from '#shared/result.ts'
import type { CallHandlers } from '../calls/callHandlers.ts'
import type { Identity } from './identity.ts'

/** What an owner does with its own account; the session says whose it is, never the input. */
export function accountCalls(identity: Identity): CallHandlers {
  const { accounts } = identity
  return {
    'account.get': async (session) => {
      const owner = session === 'operator' ? null : await accounts.find(session.ownerId)
      return owner === null
        ? err(appError('NOT_ALLOWED'))
        : ok({ name: owner.name, hasPassword: await accounts.hasPassword(owner.ownerId) })
    },
    'account.setPassword': async (session, { current, next }) =>
      session === 'operator' ? err(appError('NOT_ALLOWED')) : identity.setPassword(session, current, next),
    'account.sessions': async (session) =>
      session === 'operator' ? err(appError('NOT_ALLOWED')) : ok({ sessions: await identity.sessions(session) }),
    'account.endSession': async (session, { sessionId }) => {
      const ended = session === 'operator' ? err(appError('NOT_ALLOWED')) : await identity.endSession(session, sessionId)
      return ended.ok ? ok({}) : ended
    },
    'account.endOthers': async (session) =>
      session === 'operator' ? err(appError('NOT_ALLOWED')) : ok({ ended: await identity.endOthers(session) }),
  }
}
