import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { appError } from '#shared/errors/appError.ts'
import { err } from '#shared/result.ts'
import { createSyncPeer } from '#shared/sync/peer.ts'
import { createFakeBackend } from '#shared/sync/testing/fakeBackend.ts'
import { openLocalDatabase, type LocalDatabase } from '../database/localDatabase.ts'
import { systemClock } from '../systemClock.ts'
import { quietLog } from '../testing/quietLog.ts'
import { startPageServer, type PageServer, type PageServerOptions } from './pageServer.ts'
import { openPageSessions } from './sessions.ts'

const token = 'a-token-for-the-page-1234'
const metricsToken = 'another-for-metrics-5678'
const health = { ready: true, status: 'online', code: 'READY', line: 'live', version: '1.2.3' }
let folder: string
let local: LocalDatabase
let page: PageServer | null = null

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-observe-'))
  local = openLocalDatabase(folder)
})
afterEach(async () => {
  await page?.stop()
  page = null
  local.close()
  rmSync(folder, { recursive: true, force: true })
})

async function start(more: Partial<PageServerOptions> = {}): Promise<PageServer> {
  page = await startPageServer({
    ...{ port: 0, root: folder, sessions: openPageSessions(local, () => Date.now()), appVersion: '1.2.3', log: quietLog },
    peer: createSyncPeer({ backend: createFakeBackend().backend, log: quietLog, clock: systemClock }),
    owner: { ownerId: 'owner-1', ownerName: 'Ada', nodeId: 'node-1' },
    scenes: { folder, limitBytes: 1, stage: async () => err(appError('NOT_FOUND')) },
    findFrame: async () => null,
    access: async () => err(appError('NOT_FOUND')),
    serverOffsetMs: () => 0,
    observe: {
      health: async () => health,
      metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'pictor_node_ready 1\n' }),
      metricsToken: null,
    },
    ...more,
  })
  return page
}
const get = (path: string, headers: Record<string, string> = {}) => fetch(`${page?.url}${path}`, { headers })

describe('health', () => {
  it('is live, and ready or not, without anybody signed in', async () => {
    await start()
    expect((await get('/health/live')).status).toBe(200)
    const ready = await get('/health')
    expect([ready.status, await ready.json()]).toEqual([200, { live: true, ...health }])
    health.ready = false
    expect((await get('/health/ready')).status).toBe(503)
    health.ready = true
  })
})

describe('metrics', () => {
  it('are for this computer when the page is on loopback and no token is set', async () => {
    await start()
    const answer = await get('/metrics')
    expect([answer.status, await answer.text()]).toEqual([200, 'pictor_node_ready 1\n'])
    expect((await get('/metrics', { origin: 'https://evil.example' })).status).toBe(403)
  })

  it('need the token where one is set, and beyond this computer always', async () => {
    const observe = { health: async () => health, metrics: async () => ({ contentType: 'text/plain', text: 'x 1\n' }) }
    await start({ observe: { ...observe, metricsToken } })
    expect((await get('/metrics')).status).toBe(401)
    expect((await get('/metrics', { authorization: `Bearer ${token}` })).status).toBe(401)
    expect((await get('/metrics', { authorization: `Bearer ${metricsToken}` })).status).toBe(200)
    await page?.stop()
    await start({
      listen: { host: '127.0.0.1', tls: null, behindProxy: true, publicUrl: 'https://node.example' },
      observe: { ...observe, metricsToken: null },
    })
    expect((await get('/metrics')).status).toBe(401)
  })
})

describe('the way in', () => {
  const post = (path: string, body: unknown) =>
    fetch(`${page?.url}${path}`, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })

  it('the token lets in as often as it is given, as link and as password; nothing else does', async () => {
    await start({ pageToken: token })
    for (let time = 0; time < 2; time += 1) expect((await post('/api/session/link', { secret: token })).status).toBe(200)
    const signedIn = await post('/api/session/password', { name: 'anybody', password: token })
    expect(signedIn.status).toBe(200)
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    expect((await get('/api/session', { cookie })).status).toBe(200)
    expect((await post('/api/session/password', { name: 'anybody', password: `${token}x` })).status).toBe(401)
  })

  it('without a token no password is right', async () => {
    await start()
    expect((await post('/api/session/password', { name: 'ada', password: 'null' })).status).toBe(401)
  })

  it('beyond loopback it needs TLS or a proxy, and the name it is reached at', async () => {
    const bare = { host: '0.0.0.0', tls: null, behindProxy: false, publicUrl: null }
    await expect(start({ listen: bare })).rejects.toThrow('TLS_REQUIRED')
    await expect(start({ listen: { ...bare, behindProxy: true } })).rejects.toThrow('REQUEST_INVALID')
    const at = await start({ listen: { ...bare, behindProxy: true, publicUrl: 'https://node.example/' }, pageToken: token })
    expect(at.makeLink()).toMatch(/^https:\/\/node\.example\/#link=/)
    expect((await post('/api/session/link', { secret: token })).headers.get('set-cookie')).toContain('; Secure')
  })
})
