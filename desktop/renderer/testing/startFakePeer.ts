import type { ThisComputer, Uplink } from '#shared/api/runtimeCalls.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { JsonValue } from '#shared/json.ts'
import type { PeerChannel } from '#shared/sync/protocol.ts'
import { createSyncPeer } from '#shared/sync/peer.ts'
import type { BootState } from '../boot.ts'
import { portChannel } from '../data/openers.ts'
import { createPageLog, pageClock } from '../data/pageClock.ts'
import type { DataLine } from '../data/startDataWorker.ts'
import { answerCall } from './fakeCalls.ts'
import { createFakeBackend } from './fakeBackend.ts'
import { fakeLiveNode, logText } from './fakeLive.ts'
import { seedWorld } from './seed.ts'
import { ownerId } from './seedTypes.ts'

/** How the fake peer is asked for, in the page's query: `?workers=5&jobs=8&place=runtime&line=live`. */
interface Wish {
  workers: number
  jobs: number
  place: 'runtime' | 'gateway'
  /** live, local, offline (the uplink), slow (the first answer never comes), down (no connection ever), lost (connection lost after a second), refused (the uplink), notLetIn (the page) */
  line: string
  blender: boolean
  /** Nothing moves by itself: pictures can be compared. */
  still: boolean
}

function readWish(): Wish {
  const query = new URLSearchParams(location.search)
  return {
    workers: Number(query.get('workers') ?? 5),
    jobs: Number(query.get('jobs') ?? 9),
    place: query.get('place') === 'gateway' ? 'gateway' : 'runtime',
    line: query.get('line') ?? 'live',
    blender: query.get('blender') !== 'missing',
    still: query.get('still') === '1',
  }
}

const lostAfterMs = 2_500

/** A peer inside the page, for looking at it without any process: real protocol, made-up data. Never part of the product's build. */
export function startFakePeer(line: DataLine): BootState {
  const wish = readWish()
  if (wish.line === 'signIn') return { name: 'signIn', error: appError('LINK_USED_OR_EXPIRED') }
  const seed = seedWorld(wish.workers, wish.jobs, Date.now())
  const here = seed.workers[0]?.id ?? 'node-00000000000000000000'
  const uplink: Uplink = {
    state: wish.line === 'offline' ? 'offline' : wish.line === 'local' ? 'local' : wish.line === 'refused' ? 'refused' : 'live',
    since: Date.now() - 23 * 60_000,
    serverUrl: wish.line === 'local' ? null : 'https://farm.example.org',
    error: wish.line === 'refused' ? { ...appError('NODE_REVOKED'), details: {} } : null,
    framesWaiting: wish.line === 'offline' ? 3 : 0,
    documentsWaiting: wish.line === 'offline' ? 11 : 0,
  }
  const computer: ThisComputer = {
    nodeId: here,
    ownerId,
    appVersion: '0.1.0',
    dataFolder: '/home/ada/.local/share/pictor-worker',
    uplink,
    software: wish.blender ? (seed.nodes[0]?.software ?? []) : [],
    means: [
      { fact: 'idle', how: 'the session', state: 'works' },
      { fact: 'metered', how: 'NetworkManager', state: 'unverified' },
      { fact: 'battery', how: '/sys/class/power_supply', state: 'missing' },
    ],
    blenderHowTo: wish.blender ? null : 'sudo apt install blender',
  }
  const fake = createFakeBackend(seed, {
    peerKind: wish.place,
    nodeId: wish.place === 'runtime' ? here : null,
    call: (name, input) => answerCall(name, input, { fake, computer }),
    series: logText,
  })
  const peer = createSyncPeer({ backend: fake.backend, log: createPageLog('fake peer'), clock: pageClock })
  const startedAt = Date.now()
  const lost = (): boolean => wish.line === 'lost' && Date.now() - startedAt > lostAfterMs

  // A picture of a still page does not wait for a second.
  const toldEveryMs = wish.still ? 100 : 1_000
  setInterval(() => {
    const elapsedMs = wish.still ? 0 : Date.now() - startedAt
    for (const topic of fake.watched) {
      if (topic.startsWith('node/')) {
        const value = fakeLiveNode(fake, topic.slice('node/'.length), elapsedMs)
        if (value) fake.emit({ event: 'live', topic, value: value as unknown as JsonValue })
      }
      if (topic.startsWith('series/log/') && !wish.still)
        fake.emit({
          event: 'live',
          topic,
          value: `Fra:43 Mem:812.40M | Remaining:00:11.20 | Sample ${Math.floor(Math.random() * 128)}/128\n`,
        })
    }
  }, toldEveryMs)
  if (wish.line === 'lost') setTimeout(() => peer.close(), lostAfterMs)

  return {
    name: 'ready',
    place: wish.place,
    storage: 'memory',
    line,
    session: null,
    remembered: null,
    opener: {
      openPort: async () => {
        if (wish.line === 'down' || lost()) throw new AppErrorException(appError('SERVER_UNREACHABLE', { server: 'peer' }))
        if (wish.line === 'notLetIn') throw new AppErrorException(appError('NOT_SIGNED_IN'))
        if (wish.line === 'slow') await new Promise(() => undefined)
        const { port1, port2 } = new MessageChannel()
        // The same port code serves both ends; only the direction of the messages differs.
        peer.accept(
          { sessionId: 'session-1', ownerId, nodeId: wish.place === 'runtime' ? here : null, isOwner: true, expiresAtMs: null },
          portChannel(port2) as unknown as PeerChannel,
        )
        return port1
      },
    },
  }
}
