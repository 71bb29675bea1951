import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { PeerChannel } from '#shared/sync/protocol.ts'
import { createSyncPeer, type SyncPeer } from '#shared/sync/peer.ts'
import { portChannel } from '../data/openers.ts'
import { createPageLog, pageClock } from '../data/pageClock.ts'
import type { FakeBackend } from './fakeBackend.ts'
import { ownerId } from './seedTypes.ts'

const session = { sessionId: 'session-1', ownerId, nodeId: null, isOwner: true, expiresAtMs: null }

/** A peer that can be killed and started again, with what it holds. */
export function createKillablePeer(fake: FakeBackend) {
  const create = (): SyncPeer => createSyncPeer({ backend: fake.backend, log: createPageLog('test'), clock: pageClock })
  let peer: SyncPeer | null = create()
  return {
    openPort: async () => {
      if (peer === null) throw new AppErrorException(appError('SERVER_UNREACHABLE', { server: 'peer' }))
      const { port1, port2 } = new MessageChannel()
      // The same code serves both ends of a port; only the direction of the messages differs.
      peer.accept(session, portChannel(port2) as unknown as PeerChannel)
      return port1
    },
    kill(): void {
      peer?.close()
      peer = null
    },
    start: () => void (peer = create()),
  }
}
