import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../testing/startTestGateway.ts'

const metricsToken = 'token-of-the-observer-1'
let at: TestGateway
beforeAll(async () => {
  at = await startTestGateway({ metricsToken })
})
afterAll(() => at.remove())

const get = (path: string, token?: string) =>
  fetch(`${at.url}${path}`, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })

test('says that it lives and is ready, and nothing else', async () => {
  expect(await (await get('/health/live')).json()).toEqual({ live: true })
  for (const path of ['/health', '/health/ready']) {
    const answer = await get(path)
    expect(answer.status).toBe(200)
    expect(Object.keys((await answer.json()) as object)).toEqual(['live', 'ready', 'version'])
  }
})

test('the figures are for the operator and the observer; not for an owner, a node, nobody', async () => {
  const owner = await at.addOwner('Ada')
  const node = await (await at.enrolNode(owner.ownerId, 'one')).signIn()
  expect((await get('/metrics')).status).toBe(401)
  expect((await get('/metrics', `${metricsToken}x`)).status).toBe(401)
  expect((await get('/metrics', owner.token)).status).toBe(403)
  expect((await get('/metrics', node.body.token)).status).toBe(403)
  expect((await get('/metrics', at.operatorToken)).status).toBe(200)
  const answer = await get('/metrics', metricsToken)
  expect(answer.headers.get('content-type')).toContain('text/plain')
  const text = await answer.text()
  // As Prometheus reads it: each family with its type, each sample a number.
  for (const name of ['nodes_connected', 'dashboards_connected', 'chunks_open', 'process_resident_memory_bytes'])
    expect(text).toMatch(new RegExp(`# TYPE pictor_gateway_${name} gauge\\npictor_gateway_${name} \\d`))
  expect(text).not.toContain(owner.ownerId)
  // The observer's token is no other right.
  expect((await get('/api/session', metricsToken)).status).toBe(401)
  expect((await get('/files/own', metricsToken)).status).toBeGreaterThanOrEqual(400)
})
