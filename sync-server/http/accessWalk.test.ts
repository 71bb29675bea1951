import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collectionNames, collections, type CollectionName } from '#shared/collections/collections.ts'
import type { JsonObject } from '#shared/json.ts'
import type { Result } from '#shared/result.ts'
import type { PullReply, PushReply } from '#shared/sync/protocol.ts'
import type { GatewayContext } from '../gatewayContext.ts'
import { gatewayServices } from '../services.ts'
import { sampleDocuments } from '../testing/sampleDocuments.ts'
import { startTestGateway, type TestGateway } from '../testing/startTestGateway.ts'
import { connectTestClient, untilLive } from '../testing/testClient.ts'
import type { Route } from './routeTable.ts'

/** Every route and every collection, tried by everybody who has no right to what is there: the expected number of successes is 0. */
const marker = 'victims-own-thing'
let at: TestGateway
let context: GatewayContext
let routes: readonly Route[]
let victim: { ownerId: string; token: string; nodeId: string }
let documents: ReturnType<typeof sampleDocuments>
/** Tokens of who must not succeed. `sibling`: another node of the same owner. */
const others = new Map<string, string | undefined>()

beforeAll(async () => {
  const probe = (given: GatewayContext) => {
    context = given
    return { name: 'probe', start: () => Promise.resolve(), stop: () => Promise.resolve() }
  }
  at = await startTestGateway({ services: [...gatewayServices, probe] })
  routes = context.routes.all()
  const owner = await at.addOwner('Victim')
  const node = await at.enrolNode(owner.ownerId, 'victim')
  victim = { ...owner, nodeId: node.nodeId }
  const stranger = await at.addOwner('Stranger')
  others.set('nobody', undefined)
  others.set('forger', 'po_forged')
  others.set('other owner', stranger.token)
  others.set('other owner’s node', (await (await at.enrolNode(stranger.ownerId, 'theirs')).signIn()).body.token)
  others.set('sibling', (await (await at.enrolNode(owner.ownerId, 'sibling')).signIn()).body.token)
  documents = sampleDocuments(victim.ownerId, victim.nodeId, marker)
  for (const name of collectionNames) await put(name)
})
afterAll(() => at.remove())

async function put<Name extends CollectionName>(name: Name): Promise<void> {
  const document = documents[name]
  expect(collections[name].schema.safeParse(document).error).toBeUndefined()
  await context.store.update(victim.ownerId, name, document.id, () => document)
}

function pathOf(route: Route): string {
  const known: Record<string, string> = { sha256: 'ab'.repeat(32), jobId: documents.jobs.id, frame: '1', ...route.example }
  return route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(known[name] ?? 'x'))
}
const methodsOf = ({ method }: Route) => (Array.isArray(method) ? method : [method])
const bodyFor = (method: string) => (method === 'GET' || method === 'HEAD' || method === 'OPTIONS' ? {} : { body: {} })

describe('routes', () => {
  test('the server answers to the routes of the table and to nothing else', () => {
    expect(routes.length).toBeGreaterThan(12)
    for (const route of routes) {
      expect(route.path).toMatch(/^\/(healthz$|health$|health\/(live|ready)$|metrics$|api\/|sync\/|files\/)/)
      const parameters = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '')
      for (const name of parameters) expect(['sha256', 'jobId', 'frame', ...Object.keys(route.example ?? {})], route.path).toContain(name)
    }
  })

  test('nobody and a forger get in nowhere', async () => {
    const open = new Set(['/healthz', '/health', '/health/live', '/health/ready', '/api/hello', '/api/page', '/api/node/nonce'])
    let tried = 0
    for (const route of routes)
      for (const method of methodsOf(route))
        for (const token of [undefined, 'po_forged', 'pn_forged', 'pop_forged', `pop_${'x'.repeat(43)}`]) {
          if (open.has(route.path)) continue
          const { status } = await at.request(method, pathOf(route), { ...(token === undefined ? {} : { token }), ...bodyFor(method) })
          expect(status, `${method} ${route.path}`).toBeGreaterThanOrEqual(400)
          if (route.who !== 'anyone') expect(status, `${method} ${route.path}`).toBe(401)
          tried += 1
        }
    expect(tried).toBeGreaterThan(50)
  })

  test('whoever is somebody else learns nothing of the victim on any route', async () => {
    for (const [who, token] of others)
      for (const route of routes)
        for (const method of methodsOf(route)) {
          // Signing out, and a stream that does not end, are about oneself only.
          if ((method === 'DELETE' && route.path === '/api/session') || route.path === '/sync/events') continue
          const answer = await at.request(method, pathOf(route), { ...(token === undefined ? {} : { token }), ...bodyFor(method) })
          const text = JSON.stringify(answer.body)
          expect(text, `${who}: ${method} ${route.path}`).not.toContain(marker)
          expect(text).not.toContain(victim.nodeId)
          if (who !== 'sibling') expect(text).not.toContain(victim.ownerId)
          if (/sha256|jobId/.test(route.path)) expect(answer.status, `${who}: ${method} ${route.path}`).toBeGreaterThanOrEqual(400)
        }
  })
})

describe('collections', () => {
  const pull = async (collection: string, token: string | undefined) =>
    (
      await at.request<Result<PullReply>>('POST', '/sync/pull', {
        ...(token === undefined ? {} : { token }),
        body: { collection, checkpoint: null, limit: 2_000 },
      })
    ).body

  test('the victim itself sees everything (so that the walk below proves something)', async () => {
    for (const name of collectionNames) {
      const reply = await pull(name, victim.token)
      expect(reply.ok && JSON.stringify(reply.value.documents), name).toContain(marker)
    }
  })

  test('nobody else pulls a document of the victim', async () => {
    for (const [who, token] of others)
      for (const name of collectionNames) expect(JSON.stringify(await pull(name, token)), `${who} pulls ${name}`).not.toContain(marker)
  })

  test('nobody else changes a document of the victim, nor makes one in its name', async () => {
    for (const [who, token] of others)
      for (const name of collectionNames) {
        const current = documents[name] as unknown as JsonObject
        for (const document of [
          { ...current, updatedAt: 1_900_000_000_000, hijacked: true },
          { ...current, id: `${documents[name].id}-new`, hijacked: true },
        ])
          for (const reclaim of [false, true]) {
            const body = { collection: name, rows: [{ assumed: current, document }], reclaim }
            const answer = await at.request<Result<PushReply>>('POST', '/sync/push', { ...(token === undefined ? {} : { token }), body })
            const taken = answer.body.ok && answer.body.value.refusals.length === 0
            expect(taken, `${who} pushes ${name}`).toBe(false)
            // Nor does the answer show what stands.
            const shown = answer.body.ok
              ? [...answer.body.value.conflicts, ...answer.body.value.refusals.map((refusal) => refusal.current)]
              : []
            expect(
              shown.filter((each) => each !== null),
              `${who} pushes ${name}`,
            ).toEqual([])
          }
      }
    for (const name of collectionNames) {
      const reply = await pull(name, victim.token)
      expect(reply.ok && JSON.stringify(reply.value.documents), name).not.toContain('hijacked')
    }
  })

  test('nobody writes what only the server writes, not even for itself', async () => {
    for (const name of collectionNames.filter((each) => collections[each].writer === 'server')) {
      const document = documents[name] as unknown as JsonObject
      const answer = await at.request<Result<PushReply>>('POST', '/sync/push', {
        token: victim.token,
        body: { collection: name, rows: [{ assumed: document, document: { ...document, hijacked: true } }] },
      })
      expect(answer.body.ok && answer.body.value.refusals.length, name).toBe(1)
    }
  })

  test('nobody else hears of the victim on its live connection', async () => {
    const heard: string[] = []
    const clients = await Promise.all(
      [...others.values()]
        .filter((token) => token !== undefined && token !== 'po_forged')
        .map(async (token) => {
          const client = connectTestClient(at.url, () => token ?? '')
          client.onEvent((event) => heard.push(JSON.stringify(event)))
          client.watch(`node/${victim.nodeId}`, (value) => heard.push(JSON.stringify(value)))
          client.watch(`series/node/${victim.nodeId}`, (value) => heard.push(JSON.stringify(value)))
          await untilLive(client)
          return client
        }),
    )
    const own = connectTestClient(at.url, () => victim.token)
    await untilLive(own)
    const changed = new Promise((resolve) =>
      own.onEvent((event) => event.event === 'changed' && event.collection === 'notices' && resolve(event)),
    )
    context.live.publish({ ownerId: victim.ownerId, nodeId: victim.nodeId, topic: `node/${victim.nodeId}`, value: { marker } })
    for (const name of collectionNames)
      await context.store.update(victim.ownerId, name, documents[name].id, (current) =>
        current === null ? null : { ...current, updatedAt: 1_800_000_000_001 },
      )
    await changed
    for (const client of clients) await client.request('ping', {})
    expect(heard.filter((text) => text.includes(marker))).toEqual([])
    for (const client of [...clients, own]) client.stop()
  })
})

test('nobody else commands the victim’s workers and sessions', async () => {
  const sessionsOf = async (token: string | undefined) =>
    (
      await at.request<Result<{ sessions: { sessionId: string }[] }>>('POST', '/api/call/account.sessions', {
        ...(token === undefined ? {} : { token }),
        body: {},
      })
    ).body
  const own = await sessionsOf(victim.token)
  const sessionId = own.ok ? (own.value.sessions[0]?.sessionId ?? '') : ''
  expect(sessionId).not.toBe('')
  for (const [who, token] of others)
    for (const [name, input] of [
      ['workers.config', { workerId: victim.nodeId }],
      ['workers.revoke', { workerId: victim.nodeId }],
      ['workers.create', { name: 'x', ownerId: victim.ownerId }],
      ['owners.link', { ownerId: victim.ownerId }],
      ['owners.add', { name: 'x' }],
      ['owners.list', {}],
      ['payouts.list', {}],
      ['payouts.prepare', {}],
      ['payouts.paid', { payoutId: `payout.${victim.ownerId}.1`, reference: 'x' }],
      ['payouts.drop', { payoutId: `payout.${victim.ownerId}.1` }],
      ['earnings.reverse', { ownerId: victim.ownerId, entryId: documents.earnings.id, reason: 'x' }],
      ['jobs.submit', { job: documents.jobs }],
      ['account.endSession', { sessionId }],
    ] as const) {
      const { body } = await at.request<Result<unknown>>('POST', `/api/call/${name}`, {
        ...(token === undefined ? {} : { token }),
        body: input,
      })
      expect(body.ok, `${who} calls ${name}`).toBe(false)
    }
  // What is about oneself says nothing of others, and a node of the same owner has no account at all.
  for (const [who, token] of others) {
    expect(JSON.stringify(await sessionsOf(token)), who).not.toContain(sessionId)
    if (who === 'other owner') continue
    for (const name of ['account.get', 'account.sessions', 'account.endOthers', 'account.setPassword']) {
      const { body } = await at.request<Result<unknown>>('POST', `/api/call/${name}`, {
        ...(token === undefined ? {} : { token }),
        body: { next: 'a long password' },
      })
      expect(body.ok, `${who} calls ${name}`).toBe(false)
    }
  }
  const after = await sessionsOf(victim.token)
  expect(after.ok && after.value.sessions.map((session) => session.sessionId)).toContain(sessionId)
  expect(context.calls.missing()).toEqual([])
})
