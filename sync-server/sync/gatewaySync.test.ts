import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { JsonObject } from '#shared/json.ts'
import type { SyncClient } from '#shared/sync/client.ts'
import type { Checkpoint, EventMessage, WireDocument } from '#shared/sync/protocol.ts'
import { sampleDocuments } from '../testing/sampleDocuments.ts'
import { sampleRun } from '../testing/sampleRun.ts'
import { startTestGateway, type TestGateway } from '../testing/startTestGateway.ts'
import { connectTestClient, untilLive } from '../testing/testClient.ts'

let at: TestGateway
let ownerId: string
let ownerToken: string
let nodeId: string
let nodeToken: string
const clients: SyncClient[] = []

beforeAll(async () => {
  at = await startTestGateway()
  ;({ ownerId, token: ownerToken } = await at.addOwner('Ada'))
  const node = await at.enrolNode(ownerId, 'one')
  nodeId = node.nodeId
  nodeToken = (await node.signIn('instance')).body.token
})
afterAll(async () => {
  for (const client of clients) client.stop()
  await at.remove()
})

async function connect(token: string): Promise<{ client: SyncClient; events: EventMessage[] }> {
  const client = connectTestClient(at.url, () => token)
  const events: EventMessage[] = []
  client.onEvent((event) => events.push(event))
  clients.push(client)
  await untilLive(client)
  return { client, events }
}
const run = (index: number, changes: JsonObject = {}): WireDocument => ({
  ...(sampleRun(ownerId, nodeId, index) as unknown as WireDocument),
  ...changes,
})
const rows = (...documents: WireDocument[]) => documents.map((document) => ({ assumed: null, document }))

async function pullAll(client: SyncClient, collection: string, checkpoint: Checkpoint | null = null, limit = 100) {
  const documents: WireDocument[] = []
  for (;;) {
    const reply = await client.pull({ collection, checkpoint, limit })
    if (!reply.ok) throw new Error(reply.error.message)
    documents.push(...reply.value.documents)
    checkpoint = reply.value.checkpoint
    if (reply.value.documents.length < limit && reply.value.more !== true) return { documents, checkpoint }
  }
}

test('says hello as what it is', async () => {
  const { client } = await connect(nodeToken)
  const state = client.state()
  expect(state.name === 'live' && state.hello).toMatchObject({
    peerKind: 'gateway',
    ownerId,
    nodeId,
    isOwner: false,
    serverId: at.serverId,
  })
  expect(state.name === 'live' && state.hello.collections).not.toContain('profile')
})

describe('push and pull', () => {
  test('what a node pushes is there for its owner, told live with a checkpoint that goes on from there', async () => {
    const node = await connect(nodeToken)
    const owner = await connect(ownerToken)
    const before = await pullAll(owner.client, 'runs')
    expect(await node.client.push({ collection: 'runs', rows: rows(run(1), run(2)) })).toEqual({
      ok: true,
      value: { conflicts: [], refusals: [] },
    })
    const runEvents = () =>
      owner.events.filter((event) => event.event === 'changed' && event.collection === 'runs') as Extract<
        EventMessage,
        { event: 'changed' }
      >[]
    await vi.waitFor(() => expect(runEvents()).toHaveLength(1))
    const [changed] = runEvents()
    expect(changed?.documents).toEqual([run(1), run(2)])
    expect((await pullAll(owner.client, 'runs', before.checkpoint)).documents).toEqual([run(1), run(2)])
    expect((await pullAll(owner.client, 'runs', changed?.checkpoint ?? null)).documents).toEqual([])
    // The sender knows what it sent.
    expect(node.events.filter((event) => event.event === 'changed' && event.collection === 'runs')).toEqual([])
  })

  test('a push whose answer was lost may come again; an unknown version is a conflict; the right one replaces it', async () => {
    const { client } = await connect(nodeToken)
    const [first, next] = [run(10), run(10, { state: 'failed' })]
    await client.push({ collection: 'runs', rows: rows(first) })
    expect(await client.push({ collection: 'runs', rows: rows(first) })).toEqual({ ok: true, value: { conflicts: [], refusals: [] } })
    expect(await client.push({ collection: 'runs', rows: rows(next) })).toEqual({ ok: true, value: { conflicts: [first], refusals: [] } })
    expect(await client.push({ collection: 'runs', rows: [{ assumed: first, document: next }] })).toEqual({
      ok: true,
      value: { conflicts: [], refusals: [] },
    })
  })

  test('one refused document does not keep the others back, and the refusal is data', async () => {
    const { client } = await connect(nodeToken)
    const good = [run(20), run(21)]
    const bad = [
      run(22, { nodeId: 'node-other' }),
      run(23, { ownerId: 'owner-other' }),
      run(24, { state: 'dancing' }),
      run(25, { _deleted: true }),
      run(26, { _attachments: {} }),
      run(27, { device: 'half a pair: \ud800' }),
      run(28, { extra: 'x'.repeat(1_100_000) }),
      run(29, { deep: JSON.parse('['.repeat(60) + ']'.repeat(60)) as JsonObject }),
    ]
    const reply = await client.push({ collection: 'runs', rows: rows(good[0] ?? run(20), ...bad, good[1] ?? run(21)) })
    if (!reply.ok) throw new Error(reply.error.message)
    expect(reply.value.refusals.map(({ id, error }) => [id, error.code])).toEqual([
      ['task-000022', 'DOCUMENT_FORBIDDEN'],
      ['task-000023', 'DOCUMENT_FORBIDDEN'],
      ['task-000024', 'DOCUMENT_INVALID'],
      ['task-000025', 'DOCUMENT_INVALID'],
      ['task-000026', 'DOCUMENT_INVALID'],
      ['task-000027', 'DOCUMENT_INVALID'],
      ['task-000028', 'DOCUMENT_TOO_LARGE'],
      ['task-000029', 'DOCUMENT_INVALID'],
    ])
    const { documents } = await pullAll(client, 'runs')
    expect(documents.filter(({ id }) => id >= 'task-000020' && id <= 'task-000029')).toEqual(good)
  })

  test('the same document twice in one push ends as the later one', async () => {
    const { client } = await connect(nodeToken)
    const [a, b] = [run(30), run(30, { state: 'failed' })]
    const reply = await client.push({
      collection: 'runs',
      rows: [
        { assumed: null, document: a },
        { assumed: a, document: b },
      ],
    })
    expect(reply).toEqual({ ok: true, value: { conflicts: [], refusals: [] } })
    expect((await pullAll(client, 'runs')).documents.find(({ id }) => id === a.id)).toEqual(b)
  })

  test('unknown fields of a newer peer are kept', async () => {
    const { client } = await connect(nodeToken)
    const newer = run(31, { somethingNew: { of: ['next', 'year'] } })
    await client.push({ collection: 'runs', rows: rows(newer) })
    expect((await pullAll(client, 'runs')).documents.find(({ id }) => id === newer.id)).toEqual(newer)
  })

  test('after a restore the writer’s newer version goes over the older one, never the other way round', async () => {
    const { client } = await connect(nodeToken)
    const restored = run(40, { updatedAt: 100 })
    await client.push({ collection: 'runs', rows: rows(restored) })
    const newer = run(40, { updatedAt: 200, state: 'failed' })
    expect(await client.push({ collection: 'runs', rows: rows(newer), reclaim: true })).toEqual({
      ok: true,
      value: { conflicts: [], refusals: [] },
    })
    const older = run(40, { updatedAt: 150 })
    expect(await client.push({ collection: 'runs', rows: rows(older), reclaim: true })).toEqual({
      ok: true,
      value: { conflicts: [newer], refusals: [] },
    })
  })

  test('pages follow each other without a gap or a document twice, also while others write', async () => {
    const node = await connect(nodeToken)
    const owner = await connect(ownerToken)
    const ids = Array.from({ length: 500 }, (_, index) => run(1_000 + index))
    const writing = Promise.all(
      Array.from({ length: 10 }, (_, part) =>
        node.client.push({ collection: 'runs', rows: rows(...ids.slice(part * 50, part * 50 + 50)) }),
      ),
    )
    let checkpoint: Checkpoint | null = null
    const seen = new Map<string, number>()
    await vi.waitFor(
      async () => {
        const page = await pullAll(owner.client, 'runs', checkpoint, 37)
        checkpoint = page.checkpoint
        for (const { id } of page.documents) seen.set(id, (seen.get(id) ?? 0) + 1)
        expect(ids.every(({ id }) => seen.get(id) === 1)).toBe(true)
      },
      { timeout: 20_000 },
    )
    await writing
  })
})

describe('two gateways', () => {
  test('a checkpoint of a deleted projection goes on from CouchDB’s sequence: nothing is missed', async () => {
    const node = await connect(nodeToken)
    const owner = await connect(ownerToken)
    await node.client.push({ collection: 'runs', rows: rows(run(50)) })
    const before = await pullAll(owner.client, 'runs')
    const elsewhere = { ...before.checkpoint, log: 'another gateway', at: 999_999_999 }
    await node.client.push({ collection: 'runs', rows: rows(run(51), run(52)) })
    const after = await pullAll(owner.client, 'runs', elsewhere, 1)
    const ids = after.documents.map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining(['task-000051', 'task-000052']))
    // From there on it is at home here.
    await node.client.push({ collection: 'runs', rows: rows(run(53)) })
    expect((await pullAll(owner.client, 'runs', after.checkpoint)).documents).toEqual([run(53)])
  })

  test('a checkpoint that makes no sense begins from the start', async () => {
    const owner = await connect(ownerToken)
    const all = await pullAll(owner.client, 'runs')
    const { checkpoint } = all
    for (const broken of [{ nonsense: true }, { ...checkpoint, epoch: 'old' }, { ...checkpoint, log: 'x', seq: 'not-a-seq' }]) {
      const pulled = await pullAll(owner.client, 'runs', broken)
      expect(pulled.documents.length).toBe(all.documents.length)
    }
  })
})

test('a document that was deleted elsewhere does not come back by an edit made offline: the edit is a conflict', async () => {
  const [one, two] = [await connect(ownerToken), await connect(ownerToken)]
  const job = sampleDocuments(ownerId, nodeId, 'deleted').jobs as unknown as WireDocument
  await one.client.push({ collection: 'jobs', rows: rows(job) })
  const deleted = { ...job, deletedAt: 1_800_000_000_001, updatedAt: 1_800_000_000_001 }
  expect(await two.client.push({ collection: 'jobs', rows: [{ assumed: job, document: deleted }] })).toMatchObject({
    ok: true,
    value: { conflicts: [] },
  })
  const edited = await one.client.push({ collection: 'jobs', rows: [{ assumed: job, document: { ...job, name: 'edited offline' } }] })
  expect(edited).toEqual({ ok: true, value: { conflicts: [deleted], refusals: [] } })
})

test('edits of one worker from two dashboards merge by field, and a stamp from the future is cut back', async () => {
  const [one, two] = [await connect(ownerToken), await connect(ownerToken)]
  const worker = (await pullAll(one.client, 'workers')).documents.find(({ id }) => id === nodeId)
  if (worker === undefined) throw new Error('no worker')
  const farFuture = `${(Date.now() + 86_400_000).toString(36).padStart(9, '0')}-0000-one`
  const edited = { ...worker, name: 'renamed', stamps: { name: farFuture } }
  const pushed = await one.client.push({ collection: 'workers', rows: [{ assumed: worker, document: edited }] })
  expect(pushed).toEqual({ ok: true, value: { conflicts: [], refusals: [] } })
  const other = { ...worker, tags: ['attic'], stamps: { tags: `${Date.now().toString(36).padStart(9, '0')}-0000-two` } }
  const conflict = await two.client.push({ collection: 'workers', rows: [{ assumed: worker, document: other }] })
  expect(conflict.ok && conflict.value.conflicts[0]).toMatchObject({ name: 'renamed' })
  const standing = conflict.ok ? conflict.value.conflicts[0] : undefined
  const stamps = standing?.['stamps'] as Record<string, string>
  expect((stamps['name'] ?? 'z') < farFuture).toBe(true)
})

test('live values go from a node to who watches, within one owner', async () => {
  const node = await connect(nodeToken)
  const owner = await connect(ownerToken)
  const stranger = await connect((await at.addOwner('Eve')).token)
  const heard: unknown[] = []
  const told: unknown[] = []
  node.client.watch(`watched/node/${nodeId}`, (value) => told.push(value))
  owner.client.watch(`node/${nodeId}`, (value) => heard.push(value))
  const overheard: unknown[] = []
  stranger.client.watch(`node/${nodeId}`, (value) => overheard.push(value))
  await vi.waitFor(() => expect(told.at(-1)).toEqual({ watched: true }))
  await vi.waitFor(() => {
    node.client.sendLive(`node/${nodeId}`, { cpuPercent: 7 })
    expect(heard).toContainEqual({ cpuPercent: 7 })
  })
  expect(overheard).toEqual([])
})

test('a series grows in order, is told live and read by range; nobody else reads it', async () => {
  const node = await connect(nodeToken)
  const owner = await connect(ownerToken)
  const series = `node/${nodeId}`
  const heard: unknown[] = []
  owner.client.watch(`series/${series}`, (value) => heard.push(value))
  await owner.client.request('ping', {})
  const first = 'line one ä\nline two\n'
  expect(await node.client.seriesAppend({ series, offset: 0, text: first })).toEqual({ ok: true, value: { offset: 21 } })
  expect(await node.client.seriesAppend({ series, offset: 0, text: first })).toEqual({ ok: true, value: { offset: 21 } })
  expect(await node.client.seriesAppend({ series, offset: 21, text: 'line three\n' })).toEqual({ ok: true, value: { offset: 32 } })
  expect(await owner.client.seriesRead({ series, from: -3, limitBytes: 100 })).toEqual({
    ok: true,
    value: { from: 21, text: 'line three\n', size: 32 },
  })
  expect(await owner.client.seriesRead({ series, from: 0, limitBytes: 10 })).toEqual({
    ok: true,
    value: { from: 0, text: 'line one ', size: 32 },
  })
  await vi.waitFor(() => expect(heard).toEqual([first, 'line three\n']))
  const stranger = await connect((await at.addOwner('Mal')).token)
  expect(await stranger.client.seriesRead({ series, from: 0, limitBytes: 10 })).toEqual({ ok: true, value: { from: 0, text: '', size: 0 } })
  expect(await owner.client.seriesAppend({ series, offset: 32, text: 'x' })).toMatchObject({ ok: false, error: { code: 'NOT_ALLOWED' } })
  expect(await node.client.seriesAppend({ series: 'log/task-of-nobody', offset: 0, text: 'x' })).toMatchObject({ ok: false })
})

test('the protocol over plain HTTP, with its event stream', async () => {
  const stream = await fetch(`${at.url}/sync/events`, { headers: { authorization: `Bearer ${ownerToken}` } })
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  const pushed = await at.request('POST', '/sync/push', { token: nodeToken, body: { collection: 'runs', rows: rows(run(60)) } })
  expect(pushed.body).toEqual({ ok: true, value: { conflicts: [], refusals: [] } })
  let text = ''
  while (!text.includes('task-000060')) text += (await reader?.read())?.value ?? ''
  expect(JSON.parse(text.trim().split('\n')[0] ?? '')).toMatchObject({ event: 'changed', collection: 'runs', documents: [run(60)] })
  await reader?.cancel()
  const pulled = await at.request<{ value: { documents: WireDocument[] } }>('POST', '/sync/pull', {
    token: ownerToken,
    body: { collection: 'runs', checkpoint: null, limit: 2_000 },
  })
  expect(pulled.body.value.documents).toContainEqual(run(60))
  expect((await at.request('POST', '/sync/nonsense', { token: ownerToken, body: {} })).body).toMatchObject({
    ok: false,
    error: { code: 'REQUEST_INVALID' },
  })
})

test('one key on two machines: the second one is told to enrol again, and the first goes on; a restarted one is no clone', async () => {
  const node = await at.enrolNode(ownerId, 'cloned')
  const first = await node.signIn('machine-a')
  const { client } = await connect(first.body.token)
  expect((await node.signIn('machine-b')).body).toMatchObject({ ok: false, error: { code: 'NODE_CLONED' } })
  expect((await node.signIn('machine-a')).status).toBe(200)
  expect(client.state().name).toBe('live')
  client.stop()
  await vi.waitFor(async () => expect((await node.signIn('machine-b')).status).toBe(200))
})

test('a revoked node’s live connection ends at once, and it stays out', async () => {
  const node = await at.enrolNode(ownerId, 'revoked')
  const { client } = await connect((await node.signIn()).body.token)
  await at.call('workers.revoke', { workerId: node.nodeId }, ownerToken)
  await vi.waitFor(() => {
    const state = client.state()
    expect(state.name === 'refused' && state.error.code).toBe('NODE_REVOKED')
  })
})

test('signing out ends the live connection of that session only', async () => {
  const { ownerId: otherOwner, token } = await at.addOwner('Two screens')
  const { secret } = await at.call('owners.link', { ownerId: otherOwner })
  const second = await at.request<{ token: string }>('POST', '/api/session/link', { body: { secret, wantToken: true } })
  const [one, two] = [await connect(token), await connect(second.body.token)]
  await at.request('DELETE', '/api/session', { token })
  await vi.waitFor(() => expect(one.client.state().name).toBe('refused'))
  expect(two.client.state().name).toBe('live')
})
