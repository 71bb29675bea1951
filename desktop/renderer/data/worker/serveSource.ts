import type { Subscription } from 'rxjs'
import { appError, AppErrorException, type AppError } from '#shared/errors/appError.ts'
import type { ClientChannel, WireDocument } from '#shared/sync/protocol.ts'
import { listParts } from '../listChanges.ts'
import type { Beginning, Endpoint, FromWorker, Question, Questions, ToWorker } from '../messages.ts'
import { openLine, portChannel } from '../openers.ts'
import { createDataSource, type DataSource } from './createDataSource.ts'
import type { ListSource, SourceList } from './lists.ts'

/** Between two pieces of a list the page paints a frame. */
const betweenPartsMs = 16

/** Serves a page its data from here: what the page asks comes over `endpoint`, and so does every change. */
export function serveSource({ post, onMessage }: Endpoint<FromWorker, ToWorker>): void {
  let served: ReturnType<typeof serve> | null = null
  onMessage((message) => {
    if (message.is === 'begin') served ??= serve(message.beginning, post)
    else served?.take(message)
  })
}

function serve(beginning: Beginning, post: Endpoint<FromWorker, ToWorker>['post']) {
  let isHidden = beginning.isHidden
  let touchedAtMs = 0
  const opening = createPortOpening(post)
  const source = createDataSource({
    ...beginning,
    open: beginning.socket === null ? opening.open : openLine(new URL(beginning.socket)),
    remember: (hello) => post({ is: 'remember', hello }),
    onRefusal: (error) => post({ is: 'refused', error }),
    isHidden: () => isHidden,
    touchedAtMs: () => touchedAtMs,
  })
  const watches = new Map<number, () => void>()
  const lists = new Map<number, () => void>()
  let world = 0
  let open: ListSource | null = null

  source.connection.subscribe((state) => post({ is: 'connection', state }))
  source.hello.subscribe((hello) => hello !== null && post({ is: 'hello', hello }))
  source.uplink.subscribe((uplink) => post({ is: 'uplink', uplink }))
  source.catchingUp.subscribe((count) => post({ is: 'catchingUp', count }))
  source.unsent.subscribe((count) => post({ is: 'unsent', count, isKept: source.isKept() }))
  source.offsetMs.subscribe((offsetMs) => post({ is: 'offset', offsetMs }))
  source.lists.subscribe((next) => {
    // Its lists have ended with it.
    for (const stop of lists.values()) stop()
    lists.clear()
    open = next
    if (next !== null) world += 1
    post({ is: 'world', world: next === null ? null : world })
  })

  function ask<Kind extends Question>(ask: number, question: Kind, input: Questions[Kind]['input']): void {
    answer(source, question, input).then(
      (value) => post({ is: 'answer', ask, answer: value }),
      (thrown: unknown) => post({ is: 'failed', ask, reason: thrown instanceof Error ? thrown.message : String(thrown) }),
    )
  }

  source.start()
  return {
    take(message: Exclude<ToWorker, { is: 'begin' }>): void {
      switch (message.is) {
        case 'stop':
          void source.stop().finally(() => post({ is: 'stopped' }))
          break
        case 'wake':
          source.wake()
          break
        case 'seen':
          isHidden = message.isHidden
          break
        case 'touched':
          touchedAtMs = performance.now()
          break
        case 'ask':
          ask(message.ask, message.question, message.input)
          break
        case 'watch':
          watches.set(
            message.watch,
            source.watch(message.topic, (value) => post({ is: 'topic', watch: message.watch, value })),
          )
          break
        case 'unwatch':
          watches.get(message.watch)?.()
          watches.delete(message.watch)
          break
        case 'take':
          if (message.world === world && open !== null)
            lists.set(message.take, tell(open.open(message.collection, message.query), message.take, post))
          break
        case 'release':
          lists.get(message.take)?.()
          lists.delete(message.take)
          break
        case 'port':
          opening.take(message)
      }
    },
  }
}

function answer(source: DataSource, question: Question, input: Questions[Question]['input']): Promise<unknown> {
  // Safe: a question's input is of its kind (messages.ts).
  switch (question) {
    case 'call': {
      const { name, input: given, timeoutMs } = input as Questions['call']['input']
      return source.call(name, given, timeoutMs)
    }
    case 'seriesRead': {
      const { series, from, limitBytes } = input as Questions['seriesRead']['input']
      return source.seriesRead(series, from, limitBytes)
    }
    case 'read': {
      const { collection, id } = input as Questions['read']['input']
      return source.read(collection, id)
    }
    case 'edit': {
      const { collection, id, base, change } = input as Questions['edit']['input']
      return source.edit(collection, id, base, change)
    }
  }
}

/** Tells a list and each change of it, piece by piece. @returns what ends it */
function tell(list: SourceList, take: number, post: Endpoint<FromWorker, ToWorker>['post']): () => void {
  let told: readonly WireDocument[] = []
  const waiting: Extract<FromWorker, { is: 'list' | 'loaded' }>[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  /** While a list comes for the first time, there is nothing yet that it could keep from being painted: its pieces go at once. */
  let isFilled = false
  function next(): void {
    timer = undefined
    for (let message = waiting.shift(); message !== undefined; message = waiting.shift()) {
      post(message)
      isFilled ||= message.is === 'loaded'
      if (!isFilled) continue
      timer = setTimeout(next, betweenPartsMs)
      return
    }
  }
  function enqueue(...messages: typeof waiting): void {
    waiting.push(...messages)
    if (timer === undefined) next()
  }
  const subscriptions: Subscription[] = [
    list.documents.subscribe((documents) => {
      const parts = listParts(told, documents)
      told = documents
      enqueue(...parts.map((part) => ({ is: 'list' as const, take, part })))
    }),
    list.loaded.subscribe((isLoaded) => isLoaded && enqueue({ is: 'loaded', take })),
  ]
  return () => {
    clearTimeout(timer)
    for (const subscription of subscriptions) subscription.unsubscribe()
    list.stop()
  }
}

/** Channels over ports that the page opens: only a page has the bridge of the desktop window. */
function createPortOpening(post: Endpoint<FromWorker, ToWorker>['post']) {
  let asked: { open: number; resolve: (channel: ClientChannel) => void; reject: (error: Error) => void } | null = null
  let count = 0
  const refusal = (error: AppError | null): Error => new AppErrorException(error ?? appError('SERVER_UNREACHABLE', { server: 'the node' }))
  return {
    open: () =>
      new Promise<ClientChannel>((resolve, reject) => {
        // Whoever asked before has given up waiting.
        asked?.reject(refusal(null))
        count += 1
        asked = { open: count, resolve, reject }
        post({ is: 'open', open: count })
      }),
    take({ open, port, error }: Extract<ToWorker, { is: 'port' }>): void {
      if (asked?.open !== open) return void port?.close()
      if (port !== null) asked.resolve(portChannel(port))
      else asked.reject(refusal(error))
      asked = null
    },
  }
}
