import { get, Agent } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'

/**
 * In a thread of its own: asks a gateway for a sign of life again and again, over one connection, and tells how long the slowest answer took since it
 * was asked last. What the gateway does in one turn of its event loop is at least that long.
 */
const everyMs = 2
const { url } = workerData as { url: string }
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
let slowest = 0
let isAsked = false

function ask(): Promise<number> {
  const beganAt = performance.now()
  return new Promise((resolve, reject) => {
    get(`${url}/healthz`, { agent }, (response) => {
      response.resume()
      response.once('end', () => resolve(performance.now() - beganAt))
    }).once('error', reject)
  })
}

parentPort?.on('message', () => (isAsked = true))
for (;;) {
  // The answer that is waited for while the question comes counts too: it may have waited the longest.
  const asked = isAsked
  slowest = Math.max(slowest, await ask())
  if (asked) {
    parentPort?.postMessage(slowest)
    slowest = 0
    isAsked = false
  }
  await new Promise((resolve) => setTimeout(resolve, everyMs))
}
