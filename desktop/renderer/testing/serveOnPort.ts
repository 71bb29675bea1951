import type { FromWorker, ToWorker } from '../data/messages.ts'
import { serveSource } from '../data/worker/serveSource.ts'

/** Serves the data of a page without a thread of their own. */
export function serveOnPort(port: MessagePort): void {
  serveSource({
    post: (message: FromWorker) => port.postMessage(message),
    onMessage: (handler) => (port.onmessage = ({ data }: MessageEvent<ToWorker>) => handler(data)),
  })
}
