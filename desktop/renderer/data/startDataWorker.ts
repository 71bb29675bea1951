import type { Endpoint, FromWorker, ToWorker } from './messages.ts'

export type DataLine = Endpoint<ToWorker, FromWorker> & { end(): void }

/**
 * Starts the thread that holds the page's data. @param onBroken its script could not be loaded, or something in it was caught by nobody
 * @returns the page's end of the line to it, and what ends it
 */
export function startDataWorker(onBroken: (error: Error) => void): DataLine {
  if (__FAKE_PEER__) return startInPage()
  const worker = new Worker(new URL('./worker/data.worker.ts', import.meta.url), { type: 'module' })
  worker.onerror = (event) => onBroken(new Error(event.message || 'the data worker could not be started'))
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    onMessage: (handler) => (worker.onmessage = ({ data }: MessageEvent<FromWorker>) => handler(data)),
    end: () => worker.terminate(),
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
