import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SessionInfo } from '#shared/api/gatewayRoutes.ts'
import { startGateway } from './entry.ts'
import { forkStore } from './testing/forkStore.ts'
import { startTestGateway, type TestGateway } from './testing/startTestGateway.ts'
import { quietLog, realClock } from './testing/testTools.ts'

let at: TestGateway
beforeAll(async () => {
  at = await startTestGateway()
})
afterAll(() => at.remove())

test('says who it is', async () => {
  expect((await at.request('GET', '/healthz')).body).toEqual({ status: 'ok' })
  const { body, headers } = await at.request('GET', '/api/hello')
  expect(body).toMatchObject({ product: 'pictor-gateway', serverId: at.serverId, protocol: 1 })
  expect(headers.get('content-security-policy')).toContain("script-src 'self'")
  expect(statSync(at.operatorTokenPath).mode & 0o777).toBe(0o600)
  // Each for itself: an administrator may have made the folder around them, open to all.
  for (const name of ['projection', 'series', 'uploads', 'couch'])
    if (existsSync(join(at.dataFolder, name))) expect([name, statSync(join(at.dataFolder, name)).mode & 0o777]).toEqual([name, 0o700])
})

test('an owner gets in by a link that works once, sees itself, and gets out', async () => {
  const { ownerId, signInSecret } = await at.call('owners.add', { name: 'Ada', password: 'correct horse' })
  const first = await at.request<SessionInfo>('POST', '/api/session/link', { body: { secret: signInSecret, wantToken: true } })
  expect(first.body).toMatchObject({ ownerId, ownerName: 'Ada', isOwner: true, nodeId: null })
  expect(first.headers.get('set-cookie')).toMatch(/^pictor_session=po_[\w-]+; Path=\/; HttpOnly; SameSite=Strict/)
  expect((await at.request('POST', '/api/session/link', { body: { secret: signInSecret } })).status).toBe(401)
  const token = first.body.token ?? ''
  expect((await at.request('GET', '/api/session', { token })).status).toBe(200)
  expect((await at.request('DELETE', '/api/session', { token })).status).toBe(200)
  expect((await at.request('GET', '/api/session', { token })).status).toBe(401)

  const withPassword = await at.request<SessionInfo>('POST', '/api/session/password', {
    body: { name: 'ada', password: 'correct horse', wantToken: true },
  })
  expect(withPassword.body.ownerId).toBe(ownerId)
  const wrong = await at.request('POST', '/api/session/password', { body: { name: 'Ada', password: 'wrong' } })
  expect(wrong.body).toMatchObject({ ok: false, error: { code: 'WRONG_PASSWORD' } })
  const again = await at.request('POST', '/api/call/owners.add', { token: at.operatorToken, body: { name: ' ADA ' } })
  expect(again.body).toMatchObject({ error: { code: 'ACCOUNT_EXISTS' } })
})

test('a node enrols, signs in, and is out at once when it is revoked', async () => {
  const { ownerId, token } = await at.addOwner('Bob')
  const node = await at.enrolNode(ownerId, 'card one')
  const session = await node.signIn()
  expect(session.body).toMatchObject({ nodeId: node.nodeId, ownerId, isOwner: false })
  const nodeToken = session.body.token
  expect((await at.request('GET', '/api/session', { token: nodeToken })).body).toMatchObject({ nodeId: node.nodeId })
  expect((await node.signIn('x', token)).body.isOwner).toBe(true)
  await at.call('workers.revoke', { workerId: node.nodeId }, token)
  expect((await at.request('GET', '/api/session', { token: nodeToken })).status).toBe(401)
  expect((await node.signIn()).body).toMatchObject({ ok: false, error: { code: 'NODE_REVOKED' } })
})

test('a restart keeps owners, sessions and nodes', async () => {
  const { ownerId, token } = await at.addOwner('Cy')
  const node = await at.enrolNode(ownerId, 'card two')
  await at.restart()
  expect((await at.request<SessionInfo>('GET', '/api/session', { token })).body.ownerName).toBe('Cy')
  expect((await node.signIn()).status).toBe(200)
  expect(await at.call('server.status', {})).toMatchObject({ owners: 3, nodesConnected: 0 })
})

test('what cannot be started says why, and leaves nothing behind', async () => {
  const options = {
    host: '127.0.0.1',
    port: 0,
    dashboardFolder: '/nowhere',
    startStore: forkStore,
    log: quietLog,
    clock: realClock,
  }
  const inUse = await startGateway({ ...options, dataFolder: at.dataFolder })
  expect(inUse).toMatchObject({ ok: false, error: { code: 'DATA_FOLDER_IN_USE' } })
  const notCouch = await startGateway({ ...options, dataFolder: `${at.dataFolder}-2`, couchUrl: at.url })
  expect(notCouch).toMatchObject({ ok: false, error: { code: 'STORE_NOT_COUCHDB' } })
})

test('the command line of this machine is nobody to the documents, and strangers are nobody at all', async () => {
  expect((await at.request('POST', '/sync/pull', { token: at.operatorToken, body: {} })).status).toBe(403)
  expect((await at.request('POST', '/sync/pull', { token: 'po_stranger', body: {} })).status).toBe(401)
  expect((await at.request('GET', '/api/hello', { headers: { origin: 'https://evil.example' } })).status).toBe(403)
  expect((await at.request('GET', '/api/nothing')).status).toBe(404)
})
