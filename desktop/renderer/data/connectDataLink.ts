import { shallowRef } from 'vue'
import type { Uplink } from '#shared/api/runtimeCalls.ts'
import { toAppError, type AppError } from '#shared/errors/appError.ts'
import type { JsonValue } from '#shared/json.ts'
import { clientStates, type ClientState } from '#shared/sync/clientState.ts'
import type { HelloReply, WireDocument } from '#shared/sync/protocol.ts'
import type { Changes, DataLink } from './dataLink.ts'
import type { Beginning, EditFields, Endpoint, FromWorker, Question, Questions, ToWorker } from './messages.ts'
import { createSharedLists, type SharedLists } from './sharedLists.ts'

/** How the page's data reach its peer: by the address of a WebSocket, or by a port that the page has to open each time. */
export type Opener = { socket: URL } | { openPort: () => Promise<MessagePort> }

export interface DataLinkOptions extends Omit<Beginning, 'socket' | 'isHidden'> {
  opener: Opener
  remember: (hello: HelloReply) => void
  /** A change of this page was not taken. */
  onRefusal: (error: AppError) => void
}

const touches = ['pointerdown', 'keydown', 'wheel'] as const
/** Somebody is at the page: once in a while is often enough to say so. */
const touchedEveryMs = 10_000
/** A document that goes on changing is edited in its newest version; so often another one came between. */
const mostEdits = 20
/** What a page that is left waits for at most. */
const stopWithinMs = 2_000

/**
 * The page's end of its data, which live in a worker (worker/serveSource.ts): what is connected, the lists that somebody looks at, calls, edits
 * and live topics. A list comes as what changed in it.
 */
export function connectDataLink(
  { post, onMessage }: Endpoint<ToWorker, FromWorker>,
  options: DataLinkOptions,
): DataLink & { start(): void; stop(): Promise<void> } {
  const { opener, remember, onRefusal, ...beginning } = options
  const connection = shallowRef<ClientState>(clientStates.idle())
  const hello = shallowRef<HelloReply | null>(options.remembered)
  const uplink = shallowRef<Uplink | null>(null)
  const catchingUp = shallowRef<number | null>(null)
  const lists = shallowRef<SharedLists | null>(null)
  const asked = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>()
  const watched = new Map<number, (value: JsonValue) => void>()
  let count = 0
  let offsetMs = 0
  let touchedAtMs = Number.NEGATIVE_INFINITY
  let onStopped: () => void = () => undefined

  function ask<Kind extends Question>(question: Kind, input: Questions[Kind]['input']): Promise<Questions[Kind]['answer']> {
    return new Promise((resolve, reject) => {
      count += 1
      asked.set(count, { resolve, reject })
      // What a page holds may be Vue's, which cannot be copied; all of it is JSON.
      post({ is: 'ask', ask: count, question, input: JSON.parse(JSON.stringify(input)) as never })
    })
  }

  async function edit(
    collection: 'workers' | 'profile' | 'jobs',
    id: string,
    changes: Changes<WireDocument> | ((document: never) => Changes<WireDocument>),
  ): Promise<void> {
    if (typeof changes !== 'function') return void (await ask('edit', { collection, id, base: null, change: fieldsOf(changes) }))
    let base = await ask('read', { collection, id })
    for (let round = 0; base !== null; round += 1) {
      if (round === mostEdits) throw new Error(`${collection}/${id} changed ${mostEdits} times while it was edited`)
      base = await ask('edit', { collection, id, base, change: fieldsOf(changes(base as never)) })
    }
  }

  async function openPort(open: number): Promise<void> {
    if (!('openPort' in opener)) return
    try {
      const port = await opener.openPort()
      post({ is: 'port', open, port, error: null }, [port])
    } catch (thrown) {
      post({ is: 'port', open, port: null, error: toAppError(thrown) })
    }
  }

  /** A browser asks before it leaves a page that somebody listens on for that. A window of the desktop would not close, and nobody would say why. */
  function guard(isLosing: boolean): void {
    if (!('socket' in opener)) return
    if (isLosing) window.addEventListener('beforeunload', askBeforeLeaving)
    else window.removeEventListener('beforeunload', askBeforeLeaving)
  }

  function enter(world: number | null): void {
    lists.value?.end()
    lists.value = null
    if (world === null) return
    lists.value = createSharedLists({
      take(collection, query) {
        count += 1
        post({ is: 'take', take: count, world, collection, query: JSON.parse(JSON.stringify(query)) as never })
        return count
      },
      release: (take) => post({ is: 'release', take }),
    })
  }

  onMessage((message) => {
    switch (message.is) {
      case 'connection':
        connection.value = message.state
        break
      case 'hello':
        hello.value = message.hello
        break
      case 'uplink':
        uplink.value = message.uplink
        break
      case 'catchingUp':
        catchingUp.value = message.count
        break
      case 'offset':
        offsetMs = message.offsetMs
        break
      case 'unsent':
        guard(message.count > 0 && !message.isKept)
        break
      case 'world':
        enter(message.world)
        break
      case 'answer':
      case 'failed': {
        const question = asked.get(message.ask)
        asked.delete(message.ask)
        // The answer is of the question's kind (messages.ts).
        if (message.is === 'answer') question?.resolve(message.answer as never)
        else question?.reject(new Error(message.reason))
        break
      }
      case 'topic':
        watched.get(message.watch)?.(message.value)
        break
      case 'list':
        lists.value?.part(message.take, message.part)
        break
      case 'loaded':
        lists.value?.loaded(message.take)
        break
      case 'open':
        void openPort(message.open)
        break
      case 'remember':
        remember(message.hello)
        break
      case 'refused':
        onRefusal(message.error)
        break
      case 'stopped':
        onStopped()
    }
  })

  const isHidden = (): boolean => document.visibilityState === 'hidden'
  const wake = (): void => post({ is: 'wake' })
  function look(): void {
    post({ is: 'seen', isHidden: isHidden() })
    if (!isHidden()) wake()
  }
  function touch(): void {
    if (performance.now() - touchedAtMs < touchedEveryMs) return
    touchedAtMs = performance.now()
    post({ is: 'touched' })
  }

  return {
    place: options.place,
    ...{ connection, hello, uplink, catchingUp, lists },
    peerNow: () => Math.round(Date.now() + offsetMs),
    // The contract's input and output types are JSON; the peer parses what it is given.
    call: (name, input, timeoutMs) => ask('call', { name, input: input as never, timeoutMs }) as never,
    seriesRead: (series, from, limitBytes) => ask('seriesRead', { series, from, limitBytes }),
    watch(topic, listener) {
      count += 1
      const watch = count
      watched.set(watch, listener)
      post({ is: 'watch', watch, topic })
      return () => {
        if (watched.delete(watch)) post({ is: 'unwatch', watch })
      }
    },
    edit: (name, id, changes) => edit(name, id, changes as never),
    wake,
    start() {
      post({ is: 'begin', beginning: { ...beginning, socket: 'socket' in opener ? opener.socket.href : null, isHidden: isHidden() } })
      window.addEventListener('online', wake)
      document.addEventListener('visibilitychange', look)
      for (const name of touches) document.addEventListener(name, touch, { passive: true, capture: true })
    },
    async stop() {
      window.removeEventListener('online', wake)
      document.removeEventListener('visibilitychange', look)
      guard(false)
      for (const name of touches) document.removeEventListener(name, touch, { capture: true })
      await new Promise<void>((resolve) => {
        onStopped = resolve
        setTimeout(resolve, stopWithinMs)
        post({ is: 'stop' })
      })
      lists.value?.end()
    },
  }
}

const askBeforeLeaving = (event: BeforeUnloadEvent): void => event.preventDefault()

function fieldsOf(changes: Changes<WireDocument>): EditFields {
  const entries = Object.entries(changes)
  return {
    fields: Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
    gone: entries.flatMap(([field, value]) => (value === undefined ? [field] : [])),
  }
}
