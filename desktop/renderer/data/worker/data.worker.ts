import type { FromWorker, ToWorker } from '../messages.ts'
import { serveSource } from './serveSource.ts'

/** The page's data, in a thread of its own: whatever comes, is written or is looked for must not keep the page from painting. */
serveSource({
  post: (message: FromWorker) => postMessage(message),
  onMessage: (handler) => addEventListener('message', ({ data }: MessageEvent<ToWorker>) => handler(data)),
})
