import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileStore } from '@tus/file-store'
import { Server as TusServer } from '@tus/server'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ok } from '#shared/result.ts'
import { quietLog } from '../../testing/quietLog.ts'
import { systemClock } from '../../systemClock.ts'
import { createPacer } from '../../transfers/pacer.ts'
import { tusUpload } from './tusUpload.ts'
import { openUploadUrls, type UploadUrls } from './uploadUrls.ts'

const content = randomBytes(500_000)
const sha256 = createHash('sha256').update(content).digest('hex')
const metadata = { sha256, name: 'frame_000001.png', purpose: 'output', taskId: 'task-1', frame: 1 } as const

let folder: string
let server: Server
let urls: UploadUrls
let received: Array<{ method: string; offset: string | undefined }>
/** Bytes of a PATCH after which the line is cut, once. */
let cutAfter: number | null
let refuseWith: string | null
/** Of which requests it is said that another gateway has the upload. */
let isElsewhere: (method: string) => boolean

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictor-tus-'))
  await writeFile(join(folder, 'frame'), content)
  received = []
  cutAfter = null
  refuseWith = null
  isElsewhere = () => false
  const store = new FileStore({ directory: join(folder, 'store') })
  const tus = new TusServer({ path: '/files/uploads', datastore: store })
  server = createServer((request, response) => {
    received.push({ method: request.method ?? '', offset: request.headers['upload-offset'] as string | undefined })
    if (refuseWith !== null) {
      response.writeHead(403, { 'content-type': 'application/json' })
      return void response.end(JSON.stringify({ ok: false, error: { code: refuseWith, message: 'no' } }))
    }
    if (isElsewhere(request.method ?? '')) {
      response.writeHead(410, { 'content-type': 'application/json' })
      const error = { code: 'UPLOAD_ELSEWHERE', message: '', details: { holder: 'gateway-1' } }
      return void request
        .resume()
        .on('end', () => response.end(request.method === 'HEAD' ? undefined : JSON.stringify({ ok: false, error })))
    }
    if (cutAfter !== null && request.method === 'PATCH') {
      const limit = cutAfter
      cutAfter = null
      let size = 0
      request.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size >= limit) request.socket.destroy()
      })
    }
    void tus.handle(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  urls = await openUploadUrls(join(folder, 'uploads.json'), quietLog)
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await urls.flush()
  await rm(folder, { recursive: true, force: true })
})
const gateway = () => ({
  access: () => Promise.resolve(ok({ serverUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 't' })),
})
const send = (signal = new AbortController().signal) => tusUpload(join(folder, 'frame'), metadata, { gateway: gateway(), urls, signal })

test('sends a file whole', async () => {
  expect(await send()).toEqual({ ok: true, value: null })
  const [name] = (await readdir(join(folder, 'store'))).filter((one) => !one.endsWith('.json'))
  expect((await readFile(join(folder, 'store', name ?? ''))).equals(content)).toBe(true)
})

test('after a cut, and a new start of the process, goes on at the same address', async () => {
  cutAfter = 100_000
  expect(await send()).toMatchObject({ ok: false, error: { code: 'UPLOAD_FAILED' } })
  await urls.flush()
  urls = await openUploadUrls(join(folder, 'uploads.json'), quietLog)
  received = []
  expect(await send()).toEqual({ ok: true, value: null })
  expect(received.map(({ method }) => method)).toEqual(['HEAD', 'PATCH'])
})

test('a refusal of the server comes back with its own code, and the next try begins anew', async () => {
  refuseWith = 'LEASE_LOST'
  expect(await send()).toMatchObject({ ok: false, error: { code: 'LEASE_LOST' } })
  refuseWith = null
  received = []
  expect(await send()).toEqual({ ok: true, value: null })
  expect(received[0]?.method).toBe('POST')
})

test('another gateway behind the same address does not have what was begun: the upload begins anew there, and no address of it stays', async () => {
  cutAfter = 100_000
  expect(await send()).toMatchObject({ ok: false, error: { code: 'UPLOAD_FAILED' } })
  // In the middle of it the line moves: each request is refused, by HEAD without a body and by PATCH with one.
  isElsewhere = (method) => method !== 'POST'
  received = []
  expect(await send()).toMatchObject({ ok: false, error: { code: 'UPLOAD_ELSEWHERE', details: { holder: 'gateway-1' } } })
  expect(received.map(({ method }) => method)).toEqual(['HEAD', 'POST', 'PATCH'])
  isElsewhere = () => false
  received = []
  expect(await send()).toEqual({ ok: true, value: null })
  expect(received[0]?.method).toBe('POST')
})

test('a file that is gone, a line that is down, a cancelled upload', async () => {
  const signal = new AbortController().signal
  expect(await tusUpload(join(folder, 'nowhere'), metadata, { gateway: gateway(), urls, signal })).toMatchObject({
    ok: false,
    error: { code: 'FILE_NOT_FOUND' },
  })
  expect(await send(AbortSignal.abort())).toMatchObject({ ok: false, error: { code: 'CANCELLED' } })
  expect(
    await tusUpload(join(folder, 'frame'), metadata, {
      gateway: { access: async () => ok({ serverUrl: 'http://127.0.0.1:1', token: 't' }) },
      urls,
      signal,
    }),
  ).toMatchObject({
    ok: false,
    error: { code: 'UPLOAD_FAILED' },
  })
})

test('goes no faster than allowed, counts what it sends, and is cut where files may not travel any more', async () => {
  const taken: number[] = []
  const held = new AbortController()
  const pacer = createPacer(systemClock)
  pacer.setRate(400_000)
  const transfers = {
    signal: () => held.signal,
    async take(_direction: string, bytes: number, signal: AbortSignal) {
      await pacer.take(bytes, signal)
      taken.push(bytes)
    },
  }
  const options = { gateway: gateway(), urls, signal: new AbortController().signal, transfers }
  const begunAt = performance.now()
  expect(await tusUpload(join(folder, 'frame'), metadata, options)).toEqual({ ok: true, value: null })
  // 500 kB at 400 kB/s, less the burst of the first quarter of a second and the last piece.
  expect(performance.now() - begunAt).toBeGreaterThan(850)
  expect(taken.reduce((sum, bytes) => sum + bytes, 0)).toBe(content.length)
  const [name] = (await readdir(join(folder, 'store'))).filter((one) => !one.endsWith('.json'))
  expect((await readFile(join(folder, 'store', name ?? ''))).equals(content)).toBe(true)

  pacer.setRate(10_000)
  const slow = tusUpload(join(folder, 'frame'), { ...metadata, frame: 2 }, options)
  await vi.waitFor(() => expect(received.at(-1)?.method).toBe('PATCH'))
  held.abort(new Error('held'))
  expect(await slow).toMatchObject({ ok: false, error: { code: 'CANCELLED' } })
})
