import { durations } from '../durations.ts'
import { appError, type AppError } from '../errors/appError.ts'
import type { Clock } from '../log.ts'
import type { ClientChannel, EventMessage, PeerMessage } from './protocol.ts'
import { createRequests, type Requests } from './requests.ts'

/** The peer's clock beside ours: its time was read between the two moments of our monotonic clock. */
export interface ServerTimeSample {
  serverTimeMs: number
  sentAtMs: number
  receivedAtMs: number
}

interface ConnectionOptions {
  channel: ClientChannel
  clock: Clock
  onEvent: (event: EventMessage) => void
  onServerTime: (sample: ServerTimeSample) => void
  /** Once, when the connection is over, whoever ended it. `retry`: whether the peer said to come back by itself; null = it said nothing. */
  onLost: (error: AppError, retry: boolean | null) => void
}

export interface Connection {
  requests: Requests
  /** From now on silence is answered with pings, and an unanswered ping with the end of the connection. */
  watchPeer: () => void
  /** Asks for a sign of life now. */
  probe: (timeoutMs: number) => void
  close: (error: AppError) => void
}

const tickMs = durations.pingIntervalMs / 4

/** One channel while it lives: requests, events, and the check that somebody is still at the other end (half-open sockets, sleep). */
export function createConnection({ channel, clock, onEvent, onServerTime, onLost }: ConnectionOptions): Connection {
  const requests = createRequests((message) => channel.send(message), clock)
  let over = false
  let heardAtMs = clock.monotonicMs()
  let probing = false
  let cancelTick: (() => void) | null = null
  let closing: { error: AppError; retry: boolean } | null = null

  function end(error: AppError, reason: string): void {
    if (over) return
    over = true
    cancelTick?.()
    channel.close(reason)
    requests.fail(error)
    onLost(closing?.error ?? error, closing?.retry ?? null)
  }
  const lost = (reason: string) => appError('SERVER_UNREACHABLE', { server: 'peer', reason })

  channel.onClose((reason) => end(lost(reason), reason))
  channel.onMessage((message: PeerMessage) => {
    if (over) return
    heardAtMs = clock.monotonicMs()
    if ('event' in message) {
      if (message.event === 'closing') closing = { error: message.error, retry: message.retry }
      onEvent(message)
    } else requests.settle(message.id, message.result)
  })

  function probe(timeoutMs: number): void {
    if (probing || over) return
    probing = true
    const sentAtMs = clock.monotonicMs()
    void requests.request('ping', {}, timeoutMs).then((reply) => {
      probing = false
      if (reply.ok) onServerTime({ serverTimeMs: reply.value.serverTimeMs, sentAtMs, receivedAtMs: clock.monotonicMs() })
      // A busy line that carries something else is alive; silence since the ping is not.
      else if (!over && heardAtMs <= sentAtMs) end(lost('no answer to ping'), 'no answer to ping')
    })
  }

  let tickedAt = { wallMs: clock.now(), monotonicMs: clock.monotonicMs() }
  function tick(): void {
    const at = { wallMs: clock.now(), monotonicMs: clock.monotonicMs() }
    // Whether the monotonic clock runs during sleep differs by system, so both are looked at.
    const passedMs = Math.max(at.wallMs - tickedAt.wallMs, at.monotonicMs - tickedAt.monotonicMs)
    tickedAt = at
    if (passedMs > tickMs + durations.sleepDetectedMs) probe(durations.wakePongTimeoutMs)
    else if (at.monotonicMs - heardAtMs >= durations.pingIntervalMs) probe(durations.pongTimeoutMs)
    if (!over) cancelTick = clock.after(tickMs, tick)
  }

  return {
    requests,
    watchPeer: () => {
      tickedAt = { wallMs: clock.now(), monotonicMs: clock.monotonicMs() }
      if (!over && cancelTick === null) cancelTick = clock.after(tickMs, tick)
    },
    probe,
    close: (error) => end(error, error.code),
  }
}
