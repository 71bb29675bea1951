import type { Presence } from '#shared/collections/presence.schema.ts'
import { durations } from '#shared/durations.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { fingerprintOf, type NodeKey } from '../identity/nodeKeys.ts'
import { createKeyedWorker } from '../jobs/keyedWorker.ts'
import type { DocumentStore, PrivateDocument } from '../store/documentStore.ts'
import type { Connections } from '../sync/connections.ts'

export interface PresenceService {
  start(): Promise<void>
  idle(): Promise<void>
  stop(): Promise<void>
}

type Alive = PrivateDocument & { at: number }

/**
 * `presence`: written when a node's connection opens or closes, never in between, with the key it is known by. When the gateway starts, whoever it left marked as connected
 * is marked gone since the gateway itself was last alive, which it notes once a minute.
 */
export function createPresenceService(parts: {
  store: DocumentStore
  connections: Connections
  gatewayId: string
  log: Logger
  clock: Clock
  /** A node was gone for a while although it did not say goodbye. */
  onLongGone(presence: Presence): Promise<void>
}): PresenceService {
  const { store, connections, clock, gatewayId } = parts
  const aliveId = `alive-${gatewayId}`
  let unsubscribe: () => void = () => undefined
  const owners = new Map<string, string>()
  const gone = new Map<string, () => void>()
  let cancelAlive: (() => void) | null = null
  const worker = createKeyedWorker({ name: 'writing presence', concurrency: 16, log: parts.log, clock, run: write })

  async function write(nodeId: string): Promise<void> {
    const ownerId = owners.get(nodeId)
    if (ownerId === undefined) return
    const key = await keyOf(nodeId)
    const connected = connections.nodeConnected(nodeId)
    const now = clock.now()
    await store.update(ownerId, 'presence', nodeId, (current) => {
      // Another gateway may have the node by now: only it may say that the node is gone.
      if (current && !connected && current.connected && current.gatewayId !== gatewayId) return null
      const isSame = current?.connected === connected && (!connected || current.gatewayId === gatewayId)
      if (isSame && current.key?.fingerprint === key?.fingerprint) return null
      const { key: _before, ...kept } = current ?? {}
      return {
        ...kept,
        ...{ id: nodeId, ownerId, updatedAt: now, connected, since: isSame ? current.since : now, lastHeardAt: now, gatewayId },
        ...(key === null ? {} : { key }),
      }
    })
    if (!connected) owners.delete(nodeId)
  }

  async function keyOf(nodeId: string): Promise<NonNullable<Presence['key']> | null> {
    const stored = (await store.readPrivate<NodeKey>('keys', nodeId))?.document
    if (stored?.publicKey == null || stored.enrolledAt === null) return null
    return { fingerprint: fingerprintOf(stored.publicKey), enrolledAt: stored.enrolledAt }
  }

  function watchGone(nodeId: string, ownerId: string): void {
    gone.get(nodeId)?.()
    gone.set(
      nodeId,
      clock.after(durations.offlineAfterMs, () => {
        gone.delete(nodeId)
        void store
          .read(ownerId, 'presence', nodeId)
          .then((stored) => (stored && !stored.document.connected ? parts.onLongGone(stored.document) : undefined))
          .catch((thrown: unknown) => parts.log.warn('a notice could not be written', { nodeId, reason: String(thrown) }))
      }),
    )
  }

  function noteAlive(): void {
    cancelAlive = clock.after(durations.documentRefreshMs, () => {
      void store
        .updatePrivate<Alive>('server', aliveId, () => ({ id: aliveId, at: clock.now() }))
        .catch((thrown: unknown) => parts.log.debug('the gateway could not note that it is alive', { reason: String(thrown) }))
      noteAlive()
    })
  }

  return {
    async start() {
      const lastAlive = (await store.readPrivate<Alive>('server', aliveId))?.document.at ?? 0
      for (const ownerId of await store.owners())
        await store.scan(ownerId, 'presence', async (page) => {
          for (const { document } of page)
            if (document.connected && document.gatewayId === gatewayId && !connections.nodeConnected(document.id))
              await store.update(ownerId, 'presence', document.id, (current) => {
                if (!current?.connected || current.gatewayId !== gatewayId) return null
                const lastHeardAt = Math.min(Math.max(current.lastHeardAt, lastAlive), clock.now())
                return { ...current, connected: false, lastHeardAt, since: lastHeardAt, updatedAt: clock.now() }
              })
        })
      unsubscribe = connections.onChange(({ connection: { session }, open }) => {
        if (session.nodeId === null) return
        owners.set(session.nodeId, session.ownerId)
        if (open) gone.get(session.nodeId)?.()
        else watchGone(session.nodeId, session.ownerId)
        void worker.request(session.nodeId)
      })
      noteAlive()
    },
    idle: () => worker.idle(),
    async stop() {
      unsubscribe()
      cancelAlive?.()
      for (const cancel of gone.values()) cancel()
      gone.clear()
      await worker.stop()
    },
  }
}
