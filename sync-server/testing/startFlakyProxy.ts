import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CouchTarget } from '../store/couchTarget.ts'

/** What the proxy does with a request; undefined: passes it on. */
export type Mishap = 'refuse401' | 'fail500' | 'cutAnswer' | 'loseAnswer' | undefined

export interface FlakyProxy {
  target: CouchTarget
  /** Asked for each request. */
  mishap: (method: string, path: string) => Mishap
  /** How many requests met one. */
  count: number
  stop(): Promise<void>
}

/** A store that fails on purpose: in front of the real one, for one request at a time. */
export async function startFlakyProxy(behind: () => CouchTarget | null): Promise<FlakyProxy> {
  const proxy: FlakyProxy = { target: { url: '', authorization: behind()?.authorization ?? null }, mishap: () => undefined, count: 0, stop }
  const server = createServer((incoming, outgoing) => {
    const what = proxy.mishap(incoming.method ?? '', incoming.url ?? '')
    if (what !== undefined) proxy.count += 1
    if (what === 'refuse401' || what === 'fail500') {
      incoming.resume()
      outgoing
        .writeHead(what === 'refuse401' ? 401 : 500, { 'content-type': 'application/json' })
        .end('{"error":"x","reason":"on purpose"}')
    } else passOn(behind()?.url ?? '', incoming, outgoing, what)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  proxy.target.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return proxy

  async function stop(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
}

function passOn(url: string, incoming: IncomingMessage, outgoing: ServerResponse, what: Mishap): void {
  const onwards = httpRequest(`${url}${incoming.url ?? ''}`, { method: incoming.method, headers: incoming.headers }, (answer) => {
    if (what === 'loseAnswer') {
      answer.resume()
      answer.on('end', () => outgoing.destroy())
      return
    }
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
    if (what !== 'cutAnswer') return void answer.pipe(outgoing)
    answer.once('data', (chunk: Buffer) => {
      outgoing.write(chunk.subarray(0, Math.max(1, chunk.length >> 1)))
      setImmediate(() => outgoing.destroy())
    })
  })
  onwards.on('error', () => outgoing.destroy())
  incoming.pipe(onwards)
  outgoing.on('close', () => onwards.destroy())
}
