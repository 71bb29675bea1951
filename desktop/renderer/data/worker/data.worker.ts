import type { FromWorker, Lifeline, ToWorker } from '../messages.ts'
import { serveSource } from './serveSource.ts'

/** The page's data, in a thread of its own: whatever comes, is written or is looked for must not keep the page from painting. */
serveSource({
  post: (message: FromWorker) => postMessage(message),
  onMessage: (handler) => addEventListener('message', ({ data }: MessageEvent<ToWorker>) => handler(data)),
})

const lock = `pictor-data-${crypto.randomUUID()}`
void navigator.locks.request(lock, () => {
  postMessage({ is: 'alive', lock } satisfies Lifeline)
  return new Promise<never>(() => undefined)
})
