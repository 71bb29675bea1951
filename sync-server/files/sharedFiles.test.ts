import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Upload } from 'tus-js-client'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import type { JobState } from '#shared/collections/job.schema.ts'
import type { Result } from '#shared/result.ts'
import type { PullReply } from '#shared/sync/protocol.ts'
import { startBucket, type TestBucket } from '../testing/startBucket.ts'
import { deleteDatabases, startTestGateway, type TestGateway } from '../testing/startTestGateway.ts'
import { startTestStore, urlWithCredentials, type TestStore } from '../testing/startTestStore.ts'
import { capable, jobOf, sha256Of, tinyBlend, tinyPng } from '../testing/taskHarness.ts'
import { temporaryFolder, type TemporaryFolder } from '../testing/testTools.ts'
import type { FilesOption } from './fileTarget.ts'

/** Two whole gateways with folders of their own on one store: files in each one's folder, in a folder of both, in a bucket. */
let at: TestStore
let shared: TemporaryFolder
let bucket: TestBucket
let prefixes = 0
beforeAll(async () => {
  ;[at, bucket] = await Promise.all([startTestStore(), startBucket()])
  shared = temporaryFolder()
})
afterAll(async () => {
  await deleteDatabases(urlWithCredentials(at.target()), at.prefix)
  await at.remove()
  await bucket.remove()
  shared.remove()
})

const waiting = { timeout: 30_000, interval: 50 }
const open: TestGateway[] = []
afterEach(async () => {
  const all = open.splice(0)
  await Promise.all(all.map((gateway) => gateway.stop()))
  for (const gateway of all) await gateway.remove()
})

interface Pair {
  gateways: [TestGateway, TestGateway]
  owner: { ownerId: string; token: string }
  /** The node's session at each of them. */
  nodeTokens: [string, string]
}
async function startPair(files: FilesOption | null): Promise<Pair> {
  const options = { couchUrl: urlWithCredentials(at.target()), couchPrefix: `${at.prefix}${(prefixes += 1)}-`, files }
  const [first, second] = [await startTestGateway(options), await startTestGateway(options)]
  open.push(first, second)
  const owner = await first.addOwner('Ada')
  const node = await first.enrolNode(owner.ownerId, 'card')
  await vi.waitFor(async () => expect((await second.request('GET', '/api/session', { token: owner.token })).status).toBe(200), waiting)
  const signIn = async (gateway: TestGateway) => (await node.signIn('machine', undefined, gateway.request)).body.token
  return { gateways: [first, second], owner, nodeTokens: [await signIn(first), await signIn(second)] }
}

interface UploadOptions {
  /** Ends the upload after about so many bytes. */
  stopAfter?: number
  /** Where an earlier one is to go on. */
  goOnAt?: string
}
function upload(gateway: TestGateway, token: string, bytes: Buffer, metadata: Record<string, string>, options: UploadOptions = {}) {
  return new Promise<{ path: string | null; error: string | null }>((resolve) => {
    const pathOf = (url: string | null) => (url === null ? null : new URL(url).pathname)
    const one = new Upload(bytes, {
      endpoint: `${gateway.url}/files/uploads`,
      headers: { authorization: `Bearer ${token}` },
      metadata: { sha256: sha256Of(bytes), name: 'file', ...metadata },
      retryDelays: [],
      chunkSize: 64 * 1024,
      ...(options.goOnAt === undefined ? {} : { uploadUrl: `${gateway.url}${options.goOnAt}` }),
      onSuccess: () => resolve({ path: pathOf(one.url), error: null }),
      onError: (error) => resolve({ path: pathOf(one.url), error: error.message }),
      onChunkComplete: (_size, sent) => {
        if (options.stopAfter !== undefined && sent >= options.stopAfter)
          void one.abort().then(() => resolve({ path: pathOf(one.url), error: 'stopped' }))
      },
    })
    one.start()
  })
}
const get = (gateway: TestGateway, path: string, token: string, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}${path}`, { headers: { authorization: `Bearer ${token}`, ...headers } })
const gatewayIdOf = ({ dataFolder }: TestGateway): string =>
  (JSON.parse(readFileSync(join(dataFolder, 'gateway.json'), 'utf8')) as { gatewayId: string }).gatewayId

async function stateOf(gateway: TestGateway, token: string, jobId: string): Promise<JobState | undefined> {
  const body = { collection: 'jobStates', checkpoint: null, limit: 1_000 }
  const pulled = await gateway.request<Result<PullReply>>('POST', '/sync/pull', { token, body })
  // Safe: the gateway only stores documents of the collection's schema.
  return pulled.body.ok ? (pulled.body.value.documents as unknown as JobState[]).find(({ id }) => id === jobId) : undefined
}
/** The tasks that the node is given at this gateway for a job of two frames, one after the other. */
async function taskAt({ gateways, owner, nodeTokens }: Pair, which: 0 | 1): Promise<{ taskId: string; leaseToken: number }> {
  const [gateway, token] = [gateways[which], nodeTokens[which]]
  const job = jobOf({ id: 'job-1', ownerId: owner.ownerId, frames: [1, 2], chunkSize: 2 })
  await gateway.call('jobs.submit', { job }, owner.token)
  return vi.waitFor(async () => {
    const { taskIds } = await gateway.call('work.request', capable, token)
    expect(taskIds).toHaveLength(1)
    return { taskId: taskIds[0] ?? '', leaseToken: 1 }
  }, waiting)
}

it.each([
  { where: 'a folder of both', files: (): FilesOption => ({ where: join(shared.path, 'files') }) },
  { where: 'a bucket', files: () => bucket.option },
])('what came up at one gateway is read, judged, paid and shown at the other: files in $where', async ({ files }) => {
  const pair = await startPair(files())
  const { gateways, owner, nodeTokens } = pair
  const [first, second] = gateways
  expect((await upload(first, owner.token, tinyBlend, { purpose: 'input' })).error).toBeNull()
  const { taskId, leaseToken } = await taskAt(pair, 1)

  const path = `/files/${sha256Of(tinyBlend)}`
  expect(Buffer.from(await (await get(second, path, nodeTokens[1])).arrayBuffer())).toEqual(tinyBlend)
  const part = await get(second, path, nodeTokens[1], { range: 'bytes=7-11' })
  expect([part.status, await part.text()]).toEqual([206, '-v304'])

  for (const frame of [1, 2]) {
    const picture = await tinyPng(frame)
    const about = { purpose: 'output', taskId, frame: String(frame) }
    expect((await upload(first, nodeTokens[0], picture, about)).error).toBeNull()
    const delivery = { taskId, leaseToken, frame, sha256: sha256Of(picture), renderMs: 20 }
    expect((await second.call('frame.deliver', delivery, nodeTokens[1])).verdict.verdict).toBe('accepted')
  }
  await vi.waitFor(async () => expect((await stateOf(first, owner.token, 'job-1'))?.state).toBe('done'), waiting)
  for (const gateway of gateways) {
    const thumb = await get(gateway, '/api/jobs/job-1/frames/1/thumb', owner.token)
    expect([thumb.status, thumb.headers.get('content-type')]).toEqual([200, 'image/webp'])
    expect(sha256Of(Buffer.from(await (await get(gateway, '/api/jobs/job-1/frames/2', owner.token)).arrayBuffer()))).toBe(
      sha256Of(await tinyPng(2)),
    )
  }
})

it('a bucket that is away costs an answer, not the upload: asked where it goes on, the gateway brings it there', async () => {
  const pair = await startPair(bucket.option)
  const { gateways, owner } = pair
  const large = Buffer.alloc(10 * 1024 * 1024, 7)
  await bucket.stop()
  const begun = await upload(gateways[0], owner.token, large, { purpose: 'input' })
  expect(begun.error).toContain('FILE_STORE_UNREACHABLE')
  expect(begun.path).not.toBeNull()
  await bucket.start()
  expect(await upload(gateways[0], owner.token, large, { purpose: 'input' }, { goOnAt: begun.path ?? '' })).toEqual({
    path: begun.path,
    error: null,
  })
  const found = await get(gateways[1], `/files/${sha256Of(large)}`, owner.token)
  expect(sha256Of(Buffer.from(await found.arrayBuffer()))).toBe(sha256Of(large))
})

it('gateways that share no files say who has one, to whom may have it, and an upload begun at the other begins anew', async () => {
  const pair = await startPair(null)
  const { gateways, owner, nodeTokens } = pair
  const [first, second] = gateways
  const holder = gatewayIdOf(first)
  expect((await upload(first, owner.token, tinyBlend, { purpose: 'input' })).error).toBeNull()
  const { taskId, leaseToken } = await taskAt(pair, 0)

  const path = `/files/${sha256Of(tinyBlend)}`
  for (const token of [owner.token, nodeTokens[1]])
    // That the node has the task is known there when the change feed has brought it.
    await vi.waitFor(async () => {
      const answer = await get(second, path, token)
      expect([answer.status, await answer.json()]).toMatchObject([409, { error: { code: 'FILE_ELSEWHERE', details: { holder } } }])
    }, waiting)
  const stranger = await second.addOwner('Eve')
  expect((await get(second, path, stranger.token)).status).toBe(404)

  const picture = await tinyPng(1)
  const about = { purpose: 'output', taskId, frame: '1' }
  const delivery = { taskId, leaseToken, frame: 1, sha256: sha256Of(picture), renderMs: 20 }
  const deliver = async (changes: object) =>
    (
      await second.request<Result<{ verdict: { verdict: string } }>>('POST', '/api/call/frame.deliver', {
        token: nodeTokens[1],
        body: { ...delivery, ...changes },
      })
    ).body
  expect((await upload(first, nodeTokens[0], picture, about)).error).toBeNull()
  await vi.waitFor(
    async () => expect(await deliver({})).toMatchObject({ ok: false, error: { code: 'FILE_ELSEWHERE', details: { holder } } }),
    waiting,
  )
  // Not for another frame, nor of what was never sent for this one.
  expect(await deliver({ frame: 2 })).toMatchObject({ error: { code: 'FILE_NOT_FOUND' } })
  expect(await deliver({ sha256: sha256Of(tinyBlend) })).toMatchObject({ error: { code: 'FILE_NOT_FOUND' } })

  const large = Buffer.concat([picture, Buffer.alloc(200_000)])
  const begun = await upload(first, nodeTokens[0], large, { ...about, frame: '2' }, { stopAfter: 64 * 1024 })
  expect(begun.error).toBe('stopped')
  const headers = { authorization: `Bearer ${nodeTokens[1]}`, 'tus-resumable': '1.0.0' }
  const piece = await fetch(`${second.url}${begun.path ?? ''}`, {
    method: 'PATCH',
    headers: { ...headers, 'upload-offset': '65536', 'content-type': 'application/offset+octet-stream' },
    body: new Uint8Array(large.subarray(65_536)),
  })
  expect([piece.status, await piece.json()]).toMatchObject([410, { error: { code: 'UPLOAD_ELSEWHERE', details: { holder } } }])
  const anew = await upload(second, nodeTokens[1], large, { ...about, frame: '2' }, { goOnAt: begun.path ?? '' })
  expect(anew.error).toBeNull()
  expect(anew.path).not.toBe(begun.path)

  expect((await upload(second, nodeTokens[1], picture, about)).error).toBeNull()
  expect(await deliver({})).toMatchObject({ ok: true, value: { verdict: { verdict: 'accepted' } } })
  await vi.waitFor(async () => expect((await get(first, '/api/jobs/job-1/frames/1', owner.token)).status).toBe(200), waiting)
})
