import { durations } from '#shared/durations.ts'
import type { EnrolAbout } from '#shared/api/gatewayRoutes.ts'
import type { WorkerConfig } from '#shared/api/workerConfig.ts'
import type { Worker } from '#shared/collections/worker.schema.ts'
import { appError } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import type { Clock } from '#shared/log.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { DocumentStore, PrivateDatabase, PrivateDocument, Stored } from '../store/documentStore.ts'
import type { Owner } from './accounts.ts'
import { isPublicKey, newNodeKey, type NodeKey } from './nodeKeys.ts'
import { hashSecret, newId, newSecret } from './secrets.ts'

type Use = { publicKey: string; nodeId: string; enrolments: number }

interface EnrolmentToken extends JsonObject {
  id: string
  kind: 'enrolment'
  ownerId: string
  /** The worker whose config this is; for a token of several uses, the first one. */
  workerId: string
  workerName: string
  uses: number
  expiresAt: number
  tokenGeneration: number
  /** Who used it: a node whose answer was lost may come again with the same key, as long as `enrolments` of its node's key is still what it was. */
  used: Use[]
}

export interface Enrolments {
  createWorker(owner: Owner, name: string, uses: number): Promise<{ worker: Worker; config: WorkerConfig }>
  /** A new config for a worker of this owner. Error: NODE_UNKNOWN. */
  config(owner: Owner, workerId: string): Promise<Result<WorkerConfig>>
  /** What a token that can still be used is for; uses nothing of it. Errors: ENROLMENT_REFUSED, CONFIG_EXPIRED. */
  about(token: string): Promise<Result<Pick<EnrolAbout, 'ownerId' | 'workerId' | 'workerName' | 'expiresAt'>>>
  /** Errors: ENROLMENT_REFUSED, CONFIG_EXPIRED. */
  enrol(token: string, publicKey: string, workerName: string | undefined): Promise<Result<{ nodeId: string; ownerId: string }>>
  /** Takes the key and the unused tokens away. Error: NODE_UNKNOWN. */
  revoke(ownerId: string | null, workerId: string): Promise<Result<null>>
  ownerOf(workerId: string): Promise<string | null>
}

export function createEnrolments(store: DocumentStore, clock: Clock, server: { serverId: string; url(): string }): Enrolments {
  async function writeWorker(ownerId: string, workerId: string, name: string): Promise<Worker> {
    const now = clock.now()
    const worker: Worker = {
      ...{ id: workerId, ownerId, updatedAt: now, createdAt: now, name, tags: [] },
      wanted: { generation: 0, pause: 'none' },
      stamps: {},
    }
    await store.updatePrivate<NodeKey>('keys', workerId, (current) => (current === null ? newNodeKey(workerId, ownerId) : null))
    return (await store.update(ownerId, 'workers', workerId, (current) => (current === null ? worker : null))) ?? worker
  }

  async function makeConfig(owner: Owner, worker: Worker, uses: number): Promise<WorkerConfig> {
    const secret = newSecret('enrol')
    const key = await store.readPrivate<NodeKey>('keys', worker.id)
    const token: EnrolmentToken = {
      ...{ id: tokenId(secret), kind: 'enrolment', ownerId: owner.ownerId, workerId: worker.id, workerName: worker.name, uses },
      expiresAt: clock.now() + durations.enrolmentTokenMs,
      tokenGeneration: key?.document.tokenGeneration ?? 0,
      used: [],
    }
    await store.writePrivate('tokens', [{ document: token, rev: null }])
    return {
      ...{ format: 'pictor-worker-config', formatVersion: 1, serverUrl: server.url(), serverId: server.serverId },
      ...{ ownerId: owner.ownerId, ownerName: owner.name, workerId: uses === 1 ? worker.id : null, workerName: worker.name },
      ...{ enrolmentToken: secret, expiresAt: token.expiresAt },
    }
  }

  /** What is not known here may have been made at another gateway a moment ago. */
  const read = async <Document extends PrivateDocument>(database: PrivateDatabase, id: string) =>
    (await store.readPrivate<Document>(database, id)) ?? (await store.latestPrivate<Document>(database, id))

  /** The token, unless what it was made for has been taken back since. */
  async function readToken(secret: string): Promise<(Stored<EnrolmentToken> & { key: NodeKey }) | null> {
    const found = await read<EnrolmentToken>('tokens', tokenId(secret))
    const key = found === null ? null : await read<NodeKey>('keys', found.document.workerId)
    return found === null || key?.document.tokenGeneration !== found.document.tokenGeneration ? null : { ...found, key: key.document }
  }
  const isOver = (token: EnrolmentToken) => token.expiresAt < clock.now() || token.used.length >= token.uses

  /** The swap on the token decides who gets a use of it, and writes down which node that is. */
  async function takeUse(secret: string, publicKey: string): Promise<Result<{ token: EnrolmentToken; use: Use }>> {
    const refused = err(appError('ENROLMENT_REFUSED'))
    for (let tries = 0; tries < 20; tries += 1) {
      const found = await readToken(secret)
      if (found === null) return refused
      const token = found.document
      const before = token.used.find((use) => use.publicKey === publicKey)
      if (before !== undefined) return ok({ token, use: before })
      if (isOver(token)) return err(appError('CONFIG_EXPIRED'))
      const isFirst = token.used.length === 0
      const use = { publicKey, nodeId: isFirst ? token.workerId : newId('node'), enrolments: isFirst ? (found.key.enrolments ?? 0) : 0 }
      const next = { ...token, used: [...token.used, use] }
      const [swapped] = await store.writePrivate<EnrolmentToken>('tokens', [{ document: next, rev: found.rev }])
      if (swapped?.written === true) return ok({ token: next, use })
    }
    return err(appError('BUSY'))
  }

  return {
    async createWorker(owner, name, uses) {
      const worker = await writeWorker(owner.ownerId, newId('node'), name)
      return { worker, config: await makeConfig(owner, worker, uses) }
    },
    async config(owner, workerId) {
      const worker = await store.read(owner.ownerId, 'workers', workerId)
      if (worker === null || worker.document.deletedAt !== undefined) return err(appError('NODE_UNKNOWN'))
      return ok(await makeConfig(owner, worker.document, 1))
    },
    async about(secret) {
      const token = (await readToken(secret))?.document
      if (token === undefined) return err(appError('ENROLMENT_REFUSED'))
      if (isOver(token)) return err(appError('CONFIG_EXPIRED'))
      const { ownerId, workerName, expiresAt, uses, workerId } = token
      return ok({ ownerId, workerName, expiresAt, workerId: uses === 1 ? workerId : null })
    },
    async enrol(secret, publicKey, workerName) {
      if (!isPublicKey(publicKey)) return err(appError('REQUEST_INVALID', { reason: 'publicKey: not an Ed25519 key' }))
      const taken = await takeUse(secret, publicKey)
      if (!taken.ok) return taken
      const { token, use } = taken.value
      const { nodeId } = use
      if (nodeId !== token.workerId) await writeWorker(token.ownerId, nodeId, workerName ?? `${token.workerName} ${token.used.length}`)
      const enrolled = { publicKey, enrolledAt: clock.now(), revokedAt: null }
      const after = await store.updatePrivate<NodeKey>('keys', nodeId, (current) =>
        current?.publicKey === publicKey || !mayEnrol(current, token, use)
          ? null
          : { ...(current ?? newNodeKey(nodeId, token.ownerId)), ...enrolled, enrolments: use.enrolments + 1 },
      )
      return after?.publicKey === publicKey ? ok({ nodeId, ownerId: token.ownerId }) : err(appError('ENROLMENT_REFUSED'))
    },
    async revoke(ownerId, workerId) {
      const key = await store.readPrivate<NodeKey>('keys', workerId)
      if (key === null || (ownerId !== null && key.document.ownerId !== ownerId)) return err(appError('NODE_UNKNOWN'))
      await store.updatePrivate<NodeKey>('keys', workerId, (current) =>
        current === null || (current.publicKey === null && current.revokedAt !== null)
          ? null
          : { ...current, publicKey: null, revokedAt: clock.now(), tokenGeneration: current.tokenGeneration + 1 },
      )
      return ok(null)
    },
    ownerOf: async (workerId) => (await store.readPrivate<NodeKey>('keys', workerId))?.document.ownerId ?? null,
  }
}

/**
 * Looked at in the very write that gives the key: a node whose key was taken away comes back only with a config made for it since then,
 * not with one for many that it was enrolled by before. And a machine whose place was given to another since does not take it back with the config it
 * once used.
 */
function mayEnrol(current: NodeKey | null, token: EnrolmentToken, use: Use): boolean {
  if (current === null) return true
  if ((current.enrolments ?? 0) !== use.enrolments) return false
  return current.id === token.workerId ? current.tokenGeneration === token.tokenGeneration : current.revokedAt === null
}

const tokenId = (secret: string) => `enrol.${hashSecret(secret)}`
