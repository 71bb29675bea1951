import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { JsonValue } from '#shared/json.ts'
import { createSyncClient } from '#shared/sync/client.ts'
import { createSyncPeer, type SyncPeer } from '#shared/sync/peer.ts'
import { createFakeBackend } from '#shared/sync/testing/fakeBackend.ts'
import { openLocalDatabase, type LocalDatabase } from '../database/localDatabase.ts'
import { openWebSocketChannel } from '../sync/webSocketChannel.ts'
import { systemClock } from '../systemClock.ts'
import { startFakeGateway } from '../testing/fakeGateway.ts'
import { quietLog } from '../testing/quietLog.ts'
import { isOwnHost } from './guard.ts'
import { startPageServer, type PageServer, type PageServerOptions } from './pageServer.ts'
import { openPageSessions } from './sessions.ts'

let folder: string
let local: LocalDatabase
let peer: SyncPeer
let page: PageServer
let gatewayAccess: Result<{ serverUrl: string; token: string }>
const staged: { name: string; content: string }[] = []
let nowMs = 0

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-page-'))
  const root = join(folder, 'renderer')
  mkdirSync(join(root, 'assets'), { recursive: true })
  writeFileSync(join(root, 'index.html'), '<title>dashboard</title>')
  writeFileSync(join(root, 'assets', 'main-abc.js'), 'export {}')
  writeFileSync(join(folder, 'secret.txt'), 'not yours')
  symlinkSync(join(folder, 'secret.txt'), join(root, 'assets', 'link.txt'))
  local = openLocalDatabase(folder)
  peer = createSyncPeer({ backend: createFakeBackend().backend, log: quietLog, clock: systemClock })
  gatewayAccess = err(appError('SERVER_UNREACHABLE', { server: '-' }))
  staged.length = 0
  nowMs = Date.now()
  page = await startPageServer(optionsOf())
})
afterEach(async () => {
  await page.stop()
  peer.close()
  local.close()
  rmSync(folder, { recursive: true, force: true })
})
const optionsOf = (): PageServerOptions => ({
  port: 0,
  root: join(folder, 'renderer'),
  sessions: openPageSessions(local, () => nowMs),
  peer,
  owner: { ownerId: 'owner-1', ownerName: 'Ada', nodeId: 'node-1' },
  appVersion: '1',
  scenes: {
    folder: join(folder, 'staging'),
    limitBytes: 1_000,
    stage: async ({ path, name }): Promise<Result<JsonValue>> => {
      staged.push({ name, content: readFileSync(path, 'utf8') })
      return ok({ stagedId: 'staged-1', name })
    },
  },
  findFrame: async (_jobId, frame) => (frame === 1 ? { path: join(folder, 'secret.txt'), contentType: 'image/png' } : null),
  access: async () => gatewayAccess,
  serverOffsetMs: () => 0,
  log: quietLog,
})
const secretOf = () => new URL(page.makeLink()).hash.replace('#link=', '')
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${page.url}${path}`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } })
async function signIn(): Promise<string> {
  const answer = await post('/api/session/link', { secret: secretOf() })
  expect(answer.status).toBe(200)
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}
/** With a Host of one's own choice, which `fetch` does not allow. */
function rawGet(path: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: page.port, path, headers }, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    request.on('error', reject)
    request.end()
  })
}

describe('signing in', () => {
  it('takes a link once, keeps only hashes, and signs out for good', async () => {
    const secret = secretOf()
    const first = await post('/api/session/link', { secret })
    expect(await first.json()).toMatchObject({ ownerId: 'owner-1', nodeId: 'node-1', isOwner: true })
    const setCookie = first.headers.get('set-cookie') ?? ''
    expect(setCookie).toMatch(/HttpOnly; SameSite=Strict/)
    // Not the gateway's: both may be open at 127.0.0.1, and cookies do not know ports.
    expect(setCookie).toMatch(/^pictor_page=/)
    expect((await post('/api/session/link', { secret })).status).toBe(401)
    const cookie = setCookie.split(';')[0] ?? ''
    const pageInfo = async (given: Record<string, string>) => (await fetch(`${page.url}/api/page`, { headers: given })).json()
    expect(await pageInfo({ cookie })).toMatchObject({ place: 'runtime', session: { ownerId: 'owner-1' } })
    expect(await pageInfo({})).toEqual({ place: 'runtime', session: null })
    expect(await pageInfo({ cookie: `${cookie}x` })).toEqual({ place: 'runtime', session: null })
    expect((await fetch(`${page.url}/api/session`, { headers: { cookie } })).status).toBe(200)
    const stored = JSON.stringify(local.sql.prepare('SELECT * FROM page_sessions').all())
    expect(stored).not.toContain(cookie.split('=')[1])
    expect((await fetch(`${page.url}/api/session`, { method: 'DELETE', headers: { cookie } })).status).toBe(200)
    expect((await fetch(`${page.url}/api/session`, { headers: { cookie } })).status).toBe(401)
  })
  it('refuses links and sessions that are too old', async () => {
    const secret = secretOf()
    nowMs += 16 * 60_000
    expect((await post('/api/session/link', { secret })).status).toBe(401)
    const cookie = await signIn()
    nowMs += 31 * 86_400_000
    expect((await fetch(`${page.url}/api/session`, { headers: { cookie } })).status).toBe(401)
  })
  it('does not let guesses go on', async () => {
    for (let n = 0; n < 30; n++) await post('/api/session/link', { secret: 'x'.repeat(30) })
    expect((await post('/api/session/link', { secret: secretOf() })).status).toBe(429)
  })
  it('lets nobody in without a session', async () => {
    for (const [method, path] of [
      ['GET', '/api/session'],
      ['DELETE', '/api/session'],
      ['PUT', '/api/scenes?name=a.blend'],
      ['GET', '/api/jobs/job-1/frames/1'],
      ['GET', '/api/nothing'],
      ['POST', '/sync/pull'],
    ] as const) {
      const answer = await fetch(`${page.url}${path}`, { method, ...(method === 'PUT' ? { body: 'x' } : {}) })
      expect([path, answer.status]).toEqual([path, 401])
      expect(await answer.json()).toMatchObject({ ok: false, error: { code: 'NOT_SIGNED_IN' } })
    }
    expect(staged).toEqual([])
  })
})

describe('where requests come from', () => {
  it('answers only under its own name', async () => {
    expect((await rawGet('/healthz', { host: `127.0.0.1:${page.port}` })).status).toBe(200)
    expect((await rawGet('/healthz', { host: `localhost:${page.port}` })).status).toBe(200)
    for (const host of ['evil.example', `evil.example:${page.port}`, '127.0.0.1:1', `127.0.0.1.evil.example:${page.port}`])
      expect([host, (await rawGet('/', { host })).status]).toEqual([host, 403])
  })
  it('knows its own names', () => {
    expect(isOwnHost('[::1]:81', 81, [])).toBe(true)
    expect(isOwnHost('127.0.0.1', 80, [])).toBe(true)
    expect(isOwnHost('node.lan:81', 81, [])).toBe(false)
    expect(isOwnHost('node.lan:81', 81, ['node.lan:81'])).toBe(true)
  })
  it('refuses what other pages send', async () => {
    const cookie = await signIn()
    for (const origin of ['http://evil.example', 'null', `http://127.0.0.1:1`]) {
      expect((await fetch(`${page.url}/api/session`, { headers: { cookie, origin } })).status).toBe(403)
      expect(await upgradeStatus({ cookie, origin })).toBe(403)
    }
    expect((await rawGet('/api/session', { host: `127.0.0.1:${page.port}`, cookie, 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect(await upgradeStatus({})).toBe(401)
  })
})
function upgradeStatus(headers: Record<string, string>): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${page.url.replace('http', 'ws')}/sync/live`, { headers })
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0)
      socket.terminate()
    })
    socket.on('open', () => {
      resolve(101)
      socket.terminate()
    })
    socket.on('error', () => undefined)
  })
}

describe('the page', () => {
  it('serves the dashboard with strict headers, assets for ever, and the application for every page', async () => {
    const index = await fetch(`${page.url}/workers/node-1`)
    expect(await index.text()).toContain('dashboard')
    expect(index.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(index.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(index.headers.get('cache-control')).toBe('no-cache')
    const script = await fetch(`${page.url}/assets/main-abc.js`)
    expect(script.headers.get('content-type')).toContain('text/javascript')
    expect(script.headers.get('cache-control')).toContain('immutable')
  })
  it('is sent compressed to whoever takes that, and not at all to whoever has it', async () => {
    const large = Array.from({ length: 2_000 }, (_, line) => `export const line${line} = 'line ${line}'\n`).join('')
    writeFileSync(join(folder, 'renderer', 'assets', 'large-abc.js'), large)
    const ask = (headers: Record<string, string>) => fetch(`${page.url}/assets/large-abc.js`, { headers })
    const plain = await ask({ 'accept-encoding': 'identity' })
    expect([plain.headers.get('content-encoding'), plain.headers.get('vary')]).toEqual([null, 'accept-encoding'])
    expect(await plain.text()).toBe(large)
    for (const [accepted, encoding] of [
      ['gzip, br', 'br'],
      ['gzip, br;q=0', 'gzip'],
    ] as const) {
      const small = await ask({ 'accept-encoding': accepted })
      expect(small.headers.get('content-encoding')).toBe(encoding)
      expect(Number(small.headers.get('content-length'))).toBeLessThan(large.length / 4)
      // fetch opens it again.
      expect(await small.text()).toBe(large)
      const again = await ask({ 'accept-encoding': accepted, 'if-none-match': small.headers.get('etag') ?? '' })
      expect([again.status, await again.text()]).toEqual([304, ''])
    }
    expect((await fetch(`${page.url}/api/page`, { headers: { 'accept-encoding': 'br' } })).headers.get('content-encoding')).toBe(null)
  })
  it('shows nothing outside of its folder', async () => {
    const host = `127.0.0.1:${page.port}`
    for (const path of [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/assets/..%5c..%5csecret.txt',
      '/assets/link.txt',
      '//secret.txt',
      '/%00.js',
    ]) {
      const { status, body } = await rawGet(path, { host })
      expect([path, body.includes('not yours')]).toEqual([path, false])
      expect([200, 404]).toContain(status)
    }
  })
  it('carries the protocol for who signed in, until the session is gone', async () => {
    const cookie = await signIn()
    const client = createSyncClient({
      open: () => openWebSocketChannel({ url: `${page.url.replace('http', 'ws')}/sync/live`, headers: { cookie, origin: page.url } }),
      hello: { clientKind: 'dashboard', clientVersion: '1', schemaVersions: {} },
      clock: systemClock,
      random: Math.random,
      log: quietLog,
    })
    client.start()
    await vi.waitFor(() => expect(client.state()).toMatchObject({ name: 'live', hello: { ownerId: 'owner-1', isOwner: true } }))
    await fetch(`${page.url}/api/session`, { method: 'DELETE', headers: { cookie } })
    await vi.waitFor(() => expect(client.state()).toMatchObject({ name: 'refused', error: { code: 'NOT_SIGNED_IN' } }))
    client.stop()
  })
  it('says when its port is taken', async () => {
    await expect(startPageServer({ ...optionsOf(), port: page.port })).rejects.toThrow('PORT_IN_USE')
  })
})

describe('scenes and pictures', () => {
  it('stages a dropped scene and leaves nothing behind', async () => {
    const cookie = await signIn()
    const put = (name: string, body: string) =>
      fetch(`${page.url}/api/scenes?name=${encodeURIComponent(name)}`, { method: 'PUT', body, headers: { cookie } })
    const answer = await put('../../evil/Scene 1.blend', 'BLENDER')
    expect(await answer.json()).toEqual({ stagedId: 'staged-1', name: 'Scene 1.blend' })
    expect(staged).toEqual([{ name: 'Scene 1.blend', content: 'BLENDER' }])
    expect((await put('big.blend', 'x'.repeat(2_000))).status).toBe(413)
    expect((await put('..', 'x')).status).toBe(400)
    expect(readdirSync(join(folder, 'staging'))).toEqual([])
  })
  it('answers pictures from here, else from the gateway, else says why not', async () => {
    const cookie = await signIn()
    const get = (path: string) => fetch(`${page.url}${path}`, { headers: { cookie } })
    expect(await (await get('/api/jobs/job-1/frames/1')).text()).toBe('not yours')
    expect(await (await get('/api/jobs/job-1/frames/2/thumb')).json()).toMatchObject({ error: { code: 'SERVER_UNREACHABLE' } })
    const gateway = await startFakeGateway()
    const session = await fetch(`${gateway.url}/api/node/session`, { method: 'POST', body: '{"nodeId":"node-1"}' })
    const { token } = (await session.json()) as { token: string }
    gatewayAccess = ok({ serverUrl: gateway.url, token })
    const forwarded = await get('/api/jobs/job-1/frames/2')
    expect([forwarded.headers.get('content-type'), await forwarded.text()]).toEqual(['image/png', 'picture from the gateway'])
    await gateway.stop()
    expect((await get('/api/jobs/..%2f..%2fx/frames/2')).status).toBe(404)
    expect((await get('/api/jobs/%zz/frames/2')).status).toBe(404)
  })
})
