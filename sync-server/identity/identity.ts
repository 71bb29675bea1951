import type { AccountSession } from '#shared/api/gatewayCalls.ts'
import type { EnrolAbout, EnrolReply, NodeSession, SessionInfo } from '#shared/api/gatewayRoutes.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { Session } from '#shared/sync/backend.ts'
import type { DocumentStore } from '../store/documentStore.ts'
import type { Connections } from '../sync/connections.ts'
import { createAccounts, type Accounts } from './accounts.ts'
import { createAttempts } from './attempts.ts'
import { createEnrolments, type Enrolments } from './enrolments.ts'
import { createLinks, type Links } from './links.ts'
import { signatureFits, type NodeKey } from './nodeKeys.ts'
import { createNodeSessions, type Held } from './nodeSessions.ts'
import { createNonces } from './nonces.ts'
import { createOwnerSessions, type SignInFrom } from './ownerSessions.ts'
import { sameSecret } from './secrets.ts'

export interface IdentityParts {
  store: DocumentStore
  connections: Connections
  clock: Clock
  server: { serverId: string; epoch: string; url(): string }
  operatorSecret: string
  log: Logger
}
interface NodeSignIn {
  nodeId: string
  nonce: string
  signature: string
  instanceId: string
  ownerToken?: string | undefined
}
interface SignedIn {
  token: string
  info: SessionInfo
}

/** Who is who: sign-in of owners and nodes, and what a request's token stands for. `from` is the caller's address, for counting tries. */
export interface Identity {
  accounts: Accounts
  links: Links
  enrolments: Enrolments
  /** What this bearer token or session cookie stands for; null: nothing (any more). */
  authenticate(token: string): Promise<Session | 'operator' | null>
  info(session: Session): Promise<SessionInfo>
  signInByLink(secret: string, from: SignInFrom): Promise<Result<SignedIn>>
  signInByPassword(name: string, password: string, from: SignInFrom): Promise<Result<SignedIn>>
  signOut(session: Session): Promise<void>
  /** Where the owner of a session is signed in. */
  sessions(session: Session): Promise<AccountSession[]>
  /** Ends one session of the same owner. Error: NOT_FOUND. */
  endSession(session: Session, sessionId: string): Promise<Result<null>>
  /** Ends all sessions of the owner but this one; says how many. */
  endOthers(session: Session): Promise<number>
  /** Tries count as those of signing in. Errors: WRONG_PASSWORD, PASSWORD_TOO_WEAK, TOO_MANY_ATTEMPTS, BUSY. */
  setPassword(session: Session, current: string | undefined, next: string): Promise<Result<{ ended: number }>>
  /** What an enrolment token is for. */
  aboutToken(token: string, from: string): Promise<Result<EnrolAbout>>
  enrol(token: string, publicKey: string, workerName: string | undefined, from: string): Promise<Result<EnrolReply>>
  nonce(nodeId: string): string
  signInNode(request: NodeSignIn, from: string): Promise<Result<NodeSession>>
  /** NODE_CLONED when another start of a program with the same key is connected and answers. */
  checkClone(session: Session): Promise<Result<null>>
  stop: () => void
}

const limits = { link: 20, password: 10, passwordPerName: 30, enrol: 20, node: 60 } as const

export function createIdentity({ store, connections, clock, server, operatorSecret, log }: IdentityParts): Identity {
  const accounts = createAccounts(store, clock)
  const links = createLinks(store, clock)
  const ownerSessions = createOwnerSessions(store, clock, log)
  const nodeSessions = createNodeSessions(clock)
  const nonces = createNonces(clock)
  const enrolments = createEnrolments(store, clock, server)
  const attempts = createAttempts(clock)

  /** Runs a try under a limit per key; only failures count. */
  async function limited<T>(keys: [key: string, limit: number][], attempt: () => Promise<Result<T>>): Promise<Result<T>> {
    for (const [key, limit] of keys) {
      const allowed = attempts.check(key, limit)
      if (!allowed.ok) return allowed
    }
    // Counted before it is tried, so that many at the same moment do not all slip through.
    for (const [key] of keys) attempts.failed(key)
    const result = await attempt()
    if (result.ok) for (const [key] of keys) attempts.succeeded(key)
    return result
  }

  async function info(session: Session): Promise<SessionInfo> {
    const owner = await accounts.find(session.ownerId)
    const { ownerId, nodeId, isOwner } = session
    return { ownerId, ownerName: owner?.name ?? '', nodeId, isOwner, expiresAtMs: session.expiresAtMs ?? 0 }
  }
  async function startSession(ownerId: string, from: SignInFrom): Promise<Result<SignedIn>> {
    const { token, session } = await ownerSessions.make(ownerId, from)
    return ok({ token, info: await info(session) })
  }

  function endSessions(fits: (held: Held) => boolean, error: AppError, retry: boolean): void {
    const ended = nodeSessions.endWhere(fits)
    if (ended.size > 0) connections.closeWhere(({ sessionId }) => ended.has(sessionId), error, retry)
  }

  /** A computer whose owner signed in acts with a session of that owner. */
  const ownSessionId = (session: Session): string | null =>
    session.nodeId === null ? session.sessionId : nodeSessions.ownerSessionOf(session.sessionId)
  async function endOthers(session: Session): Promise<number> {
    const others = (await ownerSessions.list(session.ownerId, ownSessionId(session))).filter(({ current }) => !current)
    for (const { sessionId } of others) await ownerSessions.end(sessionId)
    return others.length
  }

  const failed = (thrown: unknown) => log.error('the key of a removed worker could not be taken away', { reason: String(thrown) })
  // Keys change here and at other gateways; the store tells of both.
  const stopListening = store.onWritten(({ ownerId, collection, document }) => {
    if (ownerId === null && collection === 'keys') {
      const key = document as NodeKey
      endSessions(({ session, publicKey }) => session.nodeId === key.id && publicKey !== key.publicKey, appError('NODE_REVOKED'), false)
    }
    // A worker that its owner removed may not come back by itself.
    if (ownerId !== null && collection === 'workers' && document['deletedAt'] !== undefined)
      void enrolments.revoke(ownerId, document.id).catch(failed)
    if (ownerId === null && collection === 'sessions' && document['endedAt'] !== null) {
      connections.closeWhere(({ sessionId }) => sessionId === document.id, appError('NOT_SIGNED_IN'), false)
      endSessions(({ ownerSessionId }) => ownerSessionId === document.id, appError('NOT_SIGNED_IN'), true)
    }
  })

  async function checkClone(nodeId: string, instanceId: string): Promise<Result<null>> {
    const others = connections
      .list()
      .filter(({ session }) => session.nodeId === nodeId && (nodeSessions.instanceOf(session.sessionId) ?? instanceId) !== instanceId)
    // The line of a program that was killed may look open for a while: only one that answers is a clone.
    const alive = await Promise.all(others.map(({ connectionId }) => connections.answers(connectionId)))
    return alive.includes(true) ? err(appError('NODE_CLONED')) : ok(null)
  }

  async function findOwnerSession(token: string | undefined, ownerId: string): Promise<Session | null> {
    const session = token === undefined ? null : await ownerSessions.find(token)
    return session?.ownerId === ownerId ? session : null
  }

  /** A key that does not fit may be old: the machine may have enrolled at another gateway a moment ago, and takes a refusal for final. */
  async function findKey(nodeId: string, nonce: string, signature: string): Promise<NodeKey | undefined> {
    const key = (await store.readPrivate<NodeKey>('keys', nodeId))?.document
    if (key?.publicKey != null && signatureFits(key.publicKey, server.serverId, nodeId, nonce, signature)) return key
    return (await store.latestPrivate<NodeKey>('keys', nodeId))?.document
  }

  async function signInNode({ nodeId, nonce, signature, instanceId, ownerToken }: NodeSignIn): Promise<Result<NodeSession>> {
    if (!nonces.isGood(nodeId, nonce)) return err(appError('NOT_SIGNED_IN'))
    const key = await findKey(nodeId, nonce, signature)
    if (key === undefined) return err(appError('NODE_UNKNOWN'))
    if (key.publicKey === null) return err(appError(key.revokedAt === null ? 'NODE_UNKNOWN' : 'NODE_REVOKED'))
    // A key that was replaced by a newer enrolment is as good as revoked.
    if (!signatureFits(key.publicKey, server.serverId, nodeId, nonce, signature)) return err(appError('NODE_REVOKED'))
    if (!nonces.spend(nonce)) return err(appError('NOT_SIGNED_IN'))
    const single = await checkClone(nodeId, instanceId)
    if (!single.ok) return single
    const ownerSession = await findOwnerSession(ownerToken, key.ownerId)
    const { token, session } = nodeSessions.make({ ownerId: key.ownerId, nodeId, instanceId, publicKey: key.publicKey }, ownerSession)
    const { ownerId, isOwner, expiresAtMs } = session
    return ok({ token, expiresAtMs: expiresAtMs ?? 0, ownerId, nodeId, isOwner, epoch: server.epoch, serverTimeMs: clock.now() })
  }

  return {
    accounts,
    links,
    enrolments,
    info,
    async authenticate(token) {
      if (token.startsWith('pop_')) return sameSecret(token, operatorSecret) ? 'operator' : null
      return token.startsWith('pn_') ? nodeSessions.find(token) : ownerSessions.find(token)
    },
    signInByLink: (secret, from) =>
      limited([[`link ${from.address}`, limits.link]], async () => {
        const used = await links.use(secret)
        return used.ok ? startSession(used.value, from) : used
      }),
    signInByPassword: (name, password, from) =>
      limited(
        [
          [`password ${from.address}`, limits.password],
          [`name ${name.slice(0, 200).toLowerCase()}`, limits.passwordPerName],
        ],
        async () => {
          const owner = await accounts.checkPassword(name, password)
          return owner.ok ? startSession(owner.value.ownerId, from) : owner
        },
      ),
    sessions: (session) => ownerSessions.list(session.ownerId, ownSessionId(session)),
    async endSession(session, sessionId) {
      const own = await ownerSessions.list(session.ownerId, null)
      if (!own.some((one) => one.sessionId === sessionId)) return err(appError('NOT_FOUND'))
      await ownerSessions.end(sessionId)
      return ok(null)
    },
    endOthers,
    setPassword: (session, current, next) =>
      limited([[`change ${session.ownerId}`, limits.password]], async () => {
        const set = await accounts.setPassword(session.ownerId, current, next)
        return set.ok ? ok({ ended: await endOthers(session) }) : set
      }),
    async signOut(session) {
      if (session.nodeId === null) await ownerSessions.end(session.sessionId)
      else endSessions((held) => held.session.sessionId === session.sessionId, appError('NOT_SIGNED_IN'), false)
    },
    aboutToken: (token, from) =>
      limited([[`enrol ${from}`, limits.enrol]], async () => {
        const about = await enrolments.about(token)
        if (!about.ok) return about
        const owner = await accounts.find(about.value.ownerId)
        return ok({ ...about.value, ownerName: owner?.name ?? '', serverId: server.serverId })
      }),
    enrol: (token, publicKey, workerName, from) =>
      limited([[`enrol ${from}`, limits.enrol]], async () => {
        const enrolled = await enrolments.enrol(token, publicKey, workerName)
        if (!enrolled.ok) return enrolled
        const owner = await accounts.find(enrolled.value.ownerId)
        return ok({ ...enrolled.value, ownerName: owner?.name ?? '', serverId: server.serverId })
      }),
    nonce: (nodeId) => nonces.make(nodeId),
    signInNode: (request, from) => limited([[`node ${from} ${request.nodeId}`, limits.node]], () => signInNode(request)),
    async checkClone(session) {
      const instanceId = nodeSessions.instanceOf(session.sessionId)
      return session.nodeId === null || instanceId === null ? ok(null) : checkClone(session.nodeId, instanceId)
    },
    stop: stopListening,
  }
}
