import { durations } from '../durations.ts'
import type { Clock } from '../log.ts'
import { limits, type EventMessage, type PeerChannel } from './protocol.ts'

/** Bytes (or messages) that may wait in the transport before events are held back here. */
const transportLimit = 1_000_000
const documentLimit = 10_000

/**
 * Events on their way to one client. While its transport takes them they go straight through; a slow client's wait here, at most
 * `limits.queuedEvents` of them and 10,000 documents; beyond that all are dropped and replaced by one `resync`.
 */
export function createEventQueue(channel: PeerChannel, clock: Clock) {
  let waiting: EventMessage[] = []
  let documents = 0
  let overflowed = false
  let cancelDrain: (() => void) | null = null
  let closed = false

  function drain(): void {
    cancelDrain = null
    if (overflowed && channel.queued() <= transportLimit) {
      overflowed = false
      channel.send({ event: 'resync', collection: null })
    }
    while (waiting.length > 0 && channel.queued() <= transportLimit) {
      const event = waiting.shift()
      if (event === undefined) break
      documents -= documentsIn(event)
      channel.send(event)
    }
    schedule()
  }
  function schedule(): void {
    if (!closed && cancelDrain === null && (overflowed || waiting.length > 0)) cancelDrain = clock.after(durations.eventDrainMs, drain)
  }

  return {
    add(event: EventMessage): void {
      // After an overflow the coming resync covers everything that happens before it is sent.
      if (closed || overflowed) return
      if (waiting.length === 0 && channel.queued() <= transportLimit) return channel.send(event)
      const stale = event.event === 'live' ? waiting.findIndex((other) => other.event === 'live' && other.topic === event.topic) : -1
      if (stale >= 0) waiting.splice(stale, 1)
      waiting.push(event)
      documents += documentsIn(event)
      if (waiting.length > limits.queuedEvents || documents > documentLimit) {
        waiting = []
        documents = 0
        overflowed = true
      }
      schedule()
    },
    close(): void {
      closed = true
      waiting = []
      cancelDrain?.()
      cancelDrain = null
    },
    count: () => waiting.length,
  }
}

function documentsIn(event: EventMessage): number {
  return event.event === 'changed' ? event.documents.length : 0
}
