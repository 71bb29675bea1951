import { durations } from '../durations.ts'
import type { Clock } from '../log.ts'
import { limits, type EventMessage, type PeerChannel } from './protocol.ts'

/** Bytes (or messages) that may wait in the transport before events are held back here. */
const transportLimit = 1_000_000
const documentLimit = 10_000

/** Documents that travel in one event at most. */
const batchDocuments = 500

/**
 * Events on their way to one client. A single event goes straight through; those of a burst are joined, so that a thousand changes are not a
 * thousand messages. A slow client's wait here, at most `limits.queuedEvents` of them and 10,000 documents; beyond that all are
 * dropped and replaced by one `resync`.
 */
export function createEventQueue(channel: PeerChannel, clock: Clock) {
  let waiting: EventMessage[] = []
  let documents = 0
  let overflowed = false
  let cancelDrain: (() => void) | null = null
  let closed = false
  let sentAtMs = Number.NEGATIVE_INFINITY

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
      send(event)
    }
    schedule(durations.eventDrainMs)
  }
  function send(event: EventMessage): void {
    sentAtMs = clock.monotonicMs()
    channel.send(event)
  }
  function schedule(delayMs: number): void {
    if (!closed && cancelDrain === null && (overflowed || waiting.length > 0)) cancelDrain = clock.after(delayMs, drain)
  }
  /** Puts the event behind what waits, or into the last of it. */
  function enqueue(event: EventMessage): void {
    if (event.event === 'live') {
      const stale = event.topic.startsWith('series/')
        ? -1
        : waiting.findIndex((other) => other.event === 'live' && other.topic === event.topic)
      if (stale >= 0) waiting.splice(stale, 1)
    }
    const last = waiting.at(-1)
    if (
      event.event === 'changed' &&
      last?.event === 'changed' &&
      last.collection === event.collection &&
      last.documents.length < batchDocuments
    )
      waiting[waiting.length - 1] = { ...event, documents: [...last.documents, ...event.documents] }
    else waiting.push(event)
    documents += documentsIn(event)
  }

  return {
    add(event: EventMessage): void {
      // After an overflow the coming resync covers everything that happens before it is sent.
      if (closed || overflowed) return
      const isCalm = clock.monotonicMs() - sentAtMs >= durations.eventBatchMs
      if (isCalm && waiting.length === 0 && channel.queued() <= transportLimit) return send(event)
      enqueue(event)
      if (waiting.length > limits.queuedEvents || documents > documentLimit) {
        waiting = []
        documents = 0
        overflowed = true
      }
      schedule(durations.eventBatchMs)
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
