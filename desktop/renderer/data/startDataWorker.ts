import { firstPaint } from '../firstPaint.ts'
import type { Endpoint, FromWorker, Lifeline, ToWorker } from './messages.ts'

export type DataLine = Endpoint<ToWorker, FromWorker> & { end(): void }

/**
 * Starts the thread that holds the page's data, when the page has painted: its code is not in the way of what is seen first. What is posted before
 * waits. @param onBroken its script could not be loaded, something in it was caught by nobody, or the browser ended it (for want of memory)
 * @returns the page's end of the line to it, and what ends it
 */
export function startDataWorker(onBroken: (error: Error) => void): DataLine {
  if (__FAKE_PEER__) return startInPage()
  let worker: Worker | null = null
  let isOver = false
  let onMessage: (message: FromWorker) => void = () => undefined
  const waiting: [ToWorker, Transferable[]][] = []
  /** No browser tells a page that its worker is gone. Its lock is free then, without a question that would have to be asked again and again. */
  const notice = ({ lock }: Lifeline): void =>
    void navigator.locks.request(lock, () => {
      if (!isOver) onBroken(new Error('the browser has ended the data worker'))
    })
  void firstPaint().then(() => {
    if (isOver) return
    worker = new Worker(new URL('./worker/data.worker.ts', import.meta.url), { type: 'module' })
    worker.onerror = (event) => onBroken(new Error(event.message || 'the data worker could not be started'))
    worker.onmessage = ({ data }: MessageEvent<FromWorker | Lifeline>) => (data.is === 'alive' ? notice(data) : onMessage(data))
    for (const [message, transfer] of waiting.splice(0)) worker.postMessage(message, transfer)
  })
  return {
    post: (message, transfer = []) => void (worker === null ? waiting.push([message, transfer]) : worker.postMessage(message, transfer)),
    onMessage: (handler) => (onMessage = handler),
    end() {
      isOver = true
      worker?.terminate()
    },
  }
}

/** Where the peer is made up in the page, its data are too: a test that stops the page's clock stops theirs. */
function startInPage(): DataLine {
  const { port1, port2 } = new MessageChannel()
  void import('../testing/serveOnPort.ts').then(({ serveOnPort }) => serveOnPort(port2))
  return {
    post: (message, transfer = []) => port1.postMessage(message, transfer),
    onMessage: (handler) => (port1.onmessage = ({ data }: MessageEvent<FromWorker>) => handler(data)),
    end: () => port1.close(),
  }
}
