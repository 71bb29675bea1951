import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ok } from '#shared/result.ts'
import { makeTask } from '../../testing/tasks.ts'
import { download } from './download.ts'
import { openFileCache, type FileCache } from './fileCache.ts'
import { bundleKey, dropBundles, isInside, layOut } from './jobFolder.ts'

const content = randomBytes(300_000)
const sha256 = createHash('sha256').update(content).digest('hex')
const ref = { sha256, sizeBytes: content.length, name: 'scene.blend' }

let folder: string
let cache: FileCache
let server: Server
/** What the server does with a request: how many bytes it sends before it cuts the line, or what it sends instead. */
let cutAfter: number | null
let served: Buffer
let ranges: Array<string | undefined>
let doesRanges: boolean
let status: number
/** Of an answer that is none of the file. */
let body: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictor-download-'))
  cache = await openFileCache(join(folder, 'cache'))
  cutAfter = null
  served = content
  ranges = []
  doesRanges = true
  status = 200
  body = ''
  server = createServer((request, response) => {
    ranges.push(request.headers.range)
    if (status !== 200) return response.writeHead(status).end(body)
    const from = doesRanges ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': served.length - from })
    if (cutAfter === null) response.end(served.subarray(from))
    else {
      response.write(served.subarray(from, from + cutAfter))
      // Not before something of it reached the disk, else there would be nothing to go on from.
      void vi.waitFor(async () => expect((await stat(cache.partPathOf(sha256))).size).toBeGreaterThan(0)).finally(() => response.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await rm(folder, { recursive: true, force: true })
})
const gateway = () => ({
  access: () => Promise.resolve(ok({ serverUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 't' })),
})
const get = (signal = new AbortController().signal) => download(ref, { cache, gateway: gateway(), signal })

describe('download', () => {
  test('brings a file into the cache once', async () => {
    expect(await get()).toEqual({ ok: true, value: cache.pathOf(sha256) })
    expect((await readFile(cache.pathOf(sha256))).equals(content)).toBe(true)
    expect(await get()).toMatchObject({ ok: true })
    expect(ranges).toEqual([undefined])
  })
  test('goes no faster than allowed, and goes on where it was when files may travel again', async () => {
    let taken = 0
    let held = new AbortController()
    const transfers = {
      signal: () => held.signal,
      take(_direction: string, bytes: number, signal: AbortSignal) {
        taken += bytes
        // The gate closes while the first piece is on its way, and the second waits for its turn.
        if (taken === bytes || ranges.length > 1) return Promise.resolve()
        return new Promise<void>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('held')), { once: true })
          void vi
            .waitFor(async () => expect((await stat(cache.partPathOf(sha256))).size).toBeGreaterThan(0))
            .finally(() => held.abort(new Error('held')))
        })
      },
    }
    const options = { cache, gateway: gateway(), signal: new AbortController().signal, transfers }
    expect(await download(ref, options)).toMatchObject({ ok: false, error: { code: 'CANCELLED' } })
    held = new AbortController()
    expect(await download(ref, options)).toMatchObject({ ok: true })
    expect(ranges[1]).toMatch(/^bytes=[1-9]\d*-$/)
    expect((await readFile(cache.pathOf(sha256))).equals(content)).toBe(true)
  })
  test('goes on where a cut line left it', async () => {
    cutAfter = 100_000
    expect(await get()).toMatchObject({ ok: false, error: { code: 'DOWNLOAD_FAILED' } })
    cutAfter = null
    expect(await get()).toMatchObject({ ok: true })
    const [, second] = ranges
    expect(second).toMatch(/^bytes=[1-9]\d*-$/)
    expect((await readFile(cache.pathOf(sha256))).equals(content)).toBe(true)
  })
  test('a server without ranges sends everything again', async () => {
    await writeFile(cache.partPathOf(sha256), content.subarray(0, 1_000))
    doesRanges = false
    expect(await get()).toMatchObject({ ok: true })
    expect((await readFile(cache.pathOf(sha256))).equals(content)).toBe(true)
  })
  test('content that does not fit its hash is thrown away, and fetched again the next time', async () => {
    served = randomBytes(content.length)
    expect(await get()).toMatchObject({ ok: false, error: { code: 'FILE_HASH_MISMATCH' } })
    served = content
    expect(await get()).toMatchObject({ ok: true })
    expect(ranges).toEqual([undefined, undefined])
  })
  test('a server that sends more than was announced is stopped', async () => {
    served = Buffer.concat([content, content])
    expect(await get()).toMatchObject({ ok: false, error: { code: 'FILE_HASH_MISMATCH' } })
  })
  test.each([
    [404, 'FILE_NOT_FOUND'],
    [500, 'DOWNLOAD_FAILED'],
  ])('HTTP %i is %s', async (answer, code) => {
    status = answer
    expect(await get()).toMatchObject({ ok: false, error: { code } })
  })
  test('a file that another gateway keeps to itself is said to be there, so that the task is not given up', async () => {
    status = 409
    body = JSON.stringify({ ok: false, error: { code: 'FILE_ELSEWHERE', message: '', details: { sha256, holder: 'gateway-1' } } })
    expect(await get()).toMatchObject({ ok: false, error: { code: 'FILE_ELSEWHERE', details: { holder: 'gateway-1' } } })
    for (const nonsense of ['', '{"error":', 'x'.repeat(100_000)]) {
      body = nonsense
      expect(await get()).toMatchObject({ ok: false, error: { code: 'DOWNLOAD_FAILED' } })
    }
  })
  test('can be cancelled', async () => {
    expect(await get(AbortSignal.abort())).toMatchObject({ ok: false, error: { code: 'CANCELLED' } })
  })
})

describe('cache and job folders', () => {
  test('evicts what was used longest ago, never what is needed', async () => {
    const refs = []
    for (const name of ['a', 'b', 'c']) {
      await writeFile(join(folder, name), name.repeat(1_000))
      refs.push(await cache.takeIn(join(folder, name), name))
    }
    const [first] = refs
    expect(await cache.evict(10_000, new Set())).toBe(0)
    expect(await cache.evict(1_500, new Set([first?.sha256 ?? '']))).toBe(2_000)
    expect(await Promise.all(refs.map((one) => cache.has(one)))).toEqual([true, false, false])
  })
  test('lays a scene out with its files, once per bundle', async () => {
    await writeFile(join(folder, 'x'), 'scene')
    await writeFile(join(folder, 'y'), 'wood')
    const scene = await cache.takeIn(join(folder, 'x'), 'scene.blend')
    const wood = await cache.takeIn(join(folder, 'y'), 'textures/wood.png')
    const task = makeTask({ scene, extraFiles: [wood] })
    const parent = join(folder, 'scenes')
    const laid = await layOut(task, parent, cache)
    expect(laid).toEqual({ ok: true, value: join(parent, bundleKey(task), 'scene.blend') })
    expect(await readFile(join(parent, bundleKey(task), 'textures', 'wood.png'), 'utf8')).toBe('wood')
    expect(await layOut(task, parent, cache)).toEqual(laid)
    await dropBundles(parent, () => false)
    expect(await readFile(join(parent, bundleKey(task), 'scene.blend'), 'utf8').catch(() => 'gone')).toBe('gone')
  })
  test('a bundle that somebody comes to need while others are dropped stays, whole', async () => {
    const parent = join(folder, 'scenes')
    for (const name of ['a', 'b', 'c', '.dropped-left']) await mkdir(join(parent, name, 'textures'), { recursive: true })
    const needed = new Set<string>()
    await dropBundles(parent, (name) => {
      // A task for each of the others arrives when the first is looked at.
      if (needed.size === 0) for (const other of ['a', 'b', 'c']) if (other !== name) needed.add(other)
      return needed.has(name)
    })
    expect((await readdir(parent)).sort()).toEqual([...needed].sort())
    expect(needed.size).toBe(2)
  })
  test.each(['../evil', '/etc/passwd', 'a/../../b', '', '.', 'a//b', 'a/./b', '.complete', 'nul\0'])('a bundle may not name %j', (name) => {
    expect(isInside(name)).toBe(false)
  })
  test.each(['scene.blend', 'textures/wood.png', 'a b/ü.exr', '..hidden'])('a bundle may name %j', (name) => {
    expect(isInside(name)).toBe(true)
  })
  test.each(['NUL', 'textures/con.png', 'a/COM1', 'lpt¹.exr', 'C:/x', 'a\\b', 'a.', 'aux /x'])(
    'on Windows a bundle may not name %j',
    (name) => {
      expect(isInside(name, true)).toBe(false)
    },
  )
  test('on Windows a bundle may name what only looks like a device', () => {
    for (const name of ['console.png', 'com/1.png', 'null.exr', 'auxiliary/a.png'])
      expect([name, isInside(name, true)]).toEqual([name, true])
  })
  test('a bundle with a path that leads out is refused as a whole', async () => {
    const laid = await layOut(makeTask({ extraFiles: [{ ...ref, name: '../../x' }] }), join(folder, 'scenes'), cache)
    expect(laid).toMatchObject({ ok: false, error: { code: 'REQUEST_INVALID' } })
  })
})
