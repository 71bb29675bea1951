import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, it } from 'vitest'
import { httpRequest, whyItFailed } from './httpRequest.ts'

let server: Server | null = null
afterEach(() => server?.close())

async function serve(listener: RequestListener): Promise<URL> {
  const made = createServer(listener)
  server = made
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve))
  return new URL(`http://127.0.0.1:${(made.address() as AddressInfo).port}/`)
}
const patience = () => AbortSignal.timeout(10_000)
const failureOf = (asked: Promise<unknown>) => asked.then(() => 'no failure', whyItFailed)

it('sends method, headers and body, and gives the answer whatever its status', async () => {
  const url = await serve((request, response) => {
    void text(request).then((body) => response.writeHead(418).end([request.method, request.headers['x-one'], body].join(' ')))
  })
  const answer = await httpRequest(url, { method: 'POST', headers: { 'x-one': '1' }, body: 'ö', signal: patience() })
  expect(answer.statusCode).toBe(418)
  expect(await text(answer)).toBe('POST 1 ö')
})

it('follows no redirect: what goes with the request is for this server alone', async () => {
  const asked: string[] = []
  const url = await serve((request, response) => {
    asked.push(request.url ?? '')
    response.writeHead(302, { location: '/elsewhere' }).end()
  })
  const answer = await httpRequest(url, { headers: { authorization: 'Bearer secret' }, signal: patience() })
  expect(answer.statusCode).toBe(302)
  expect(asked).toEqual(['/'])
})

it('an answer that is cut off fails while it is read, and never looks whole', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('half', () => response.destroy())
  })
  const answer = await httpRequest(url, { signal: patience() })
  expect(await failureOf(text(answer))).toBe('aborted')
})

it('says why nothing came', async () => {
  const url = await serve(() => undefined)
  const ending = new AbortController()
  const asked = httpRequest(url, { signal: ending.signal })
  ending.abort(new Error('enough'))
  expect(await failureOf(asked)).toBe('enough')
  const { port } = url
  server?.closeAllConnections()
  await new Promise((resolve) => server?.close(resolve))
  expect(await failureOf(httpRequest(new URL(`http://localhost:${port}/`), { signal: patience() }))).toContain('ECONNREFUSED')
})
