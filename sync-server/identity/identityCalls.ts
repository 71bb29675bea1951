import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { CallHandlers, CallSession } from '../calls/callHandlers.ts'
import { accountCalls } from './accountCalls.ts'
import type { Owner } from './accounts.ts'
import type { Identity } from './identity.ts'

/** The calls about owners and workers. An owner acts for itself; the operator names the owner, or there is only one. */
export function identityCalls(identity: Identity): CallHandlers {
  const { accounts, enrolments, links } = identity

  async function ownerFor(session: CallSession, asked: string | undefined): Promise<Result<Owner>> {
    if (session !== 'operator') {
      const owner = await accounts.find(session.ownerId)
      if (owner === null || (asked !== undefined && asked !== session.ownerId)) return err(appError('NOT_ALLOWED'))
      return ok(owner)
    }
    if (asked !== undefined) {
      const owner = await accounts.find(asked)
      return owner === null ? err(appError('NOT_FOUND')) : ok(owner)
    }
    const [first, second] = await accounts.list()
    if (first === undefined || second !== undefined) return err(appError('REQUEST_INVALID', { reason: 'ownerId: say which owner' }))
    return ok(first)
  }

  async function ownerOfWorker(session: CallSession, workerId: string): Promise<Result<Owner>> {
    if (session !== 'operator') return ownerFor(session, undefined)
    const ownerId = await enrolments.ownerOf(workerId)
    return ownerId === null ? err(appError('NODE_UNKNOWN')) : ownerFor(session, ownerId)
  }

  return {
    'workers.create': async (session, { name, ownerId, uses }) => {
      const owner = await ownerFor(session, ownerId)
      return owner.ok ? ok(await enrolments.createWorker(owner.value, name, uses ?? 1)) : owner
    },
    'workers.config': async (session, { workerId }) => {
      const owner = await ownerOfWorker(session, workerId)
      if (!owner.ok) return owner
      const config = await enrolments.config(owner.value, workerId)
      return config.ok ? ok({ config: config.value }) : config
    },
    'workers.revoke': async (session, { workerId }) => {
      const revoked = await enrolments.revoke(session === 'operator' ? null : session.ownerId, workerId)
      return revoked.ok ? ok({}) : revoked
    },
    ...accountCalls(identity),
    'owners.add': async (_session, { name, password }) => {
      const added = await accounts.add(name, password)
      if (!added.ok) return added
      const { secret } = await links.make(added.value.ownerId)
      return ok({ ownerId: added.value.ownerId, signInSecret: secret })
    },
    'owners.list': async () => ok({ owners: (await accounts.list()).map(({ ownerId, name }) => ({ ownerId, name })) }),
    'owners.link': async (session, { ownerId: asked }) => {
      const owner = await ownerFor(session, asked)
      if (!owner.ok) return owner
      const { ownerId } = owner.value
      return ok({ ...(await links.make(ownerId)), ownerId })
    },
  }
}
