import { readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { Upload } from 'tus-js-client'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Earning } from '#shared/collections/earning.schema.ts'
import type { Job, JobState } from '#shared/collections/job.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import type { CollectionName, Documents } from '#shared/collections/collections.ts'
import type { Result } from '#shared/result.ts'
import type { PullReply } from '#shared/sync/protocol.ts'
import { handledOf } from './jobs/jobProjector.ts'
import { capable, jobOf, sha256Of, tinyBlend, tinyPng } from './testing/taskHarness.ts'
import { startTestGateway, type TestGateway } from './testing/startTestGateway.ts'

/** The whole gateway over HTTP, with its real store: what a node's runtime and a dashboard do, by hand. */
let at: TestGateway
let ada: { ownerId: string; token: string }
let eve: { ownerId: string; token: string }
let nodeToken: string
let foreignToken: string
let nodeId: string
let signIn: () => Promise<string>

beforeAll(async () => {
  at = await startTestGateway()
  ada = await at.addOwner('Ada')
  eve = await at.addOwner('Eve')
  const own = await at.enrolNode(ada.ownerId, 'own card')
  nodeId = own.nodeId
  signIn = async () => (await own.signIn()).body.token
  nodeToken = await signIn()
  foreignToken = (await (await at.enrolNode(eve.ownerId, 'foreign card')).signIn()).body.token
})
afterAll(() => at.remove())

function upload(bytes: Buffer, token: string, metadata: Record<string, string>, options: { stopAfter?: number; url?: string } = {}) {
  return new Promise<{ url: string | null; error: string | null }>((resolve) => {
    const one = new Upload(bytes, {
      endpoint: `${at.url}/files/uploads`,
      headers: { authorization: `Bearer ${token}` },
      metadata: { sha256: sha256Of(bytes), name: 'file', ...metadata },
      retryDelays: [],
      chunkSize: 64 * 1024,
      ...(options.url ? { uploadUrl: options.url } : {}),
      onSuccess: () => resolve({ url: one.url, error: null }),
      onError: (error) => resolve({ url: one.url, error: error.message }),
      onChunkComplete: (_size, sent) => {
        if (options.stopAfter !== undefined && sent >= options.stopAfter)
          void one.abort().then(() => resolve({ url: one.url, error: 'stopped' }))
      },
    })
    one.start()
  })
}
async function pull<Name extends CollectionName>(collection: Name, token = ada.token): Promise<Documents[Name][]> {
  const { body } = await at.request<Result<PullReply>>('POST', '/sync/pull', {
    token,
    body: { collection, checkpoint: null, limit: 2_000 },
  })
  if (!body.ok) throw new Error(body.error.message)
  // Safe: the gateway only stores documents of the collection's schema.
  return body.value.documents as unknown as Documents[Name][]
}
const file = (path: string, token: string, headers: Record<string, string> = {}) =>
  fetch(`${at.url}${path}`, { headers: { authorization: `Bearer ${token}`, ...headers } })
const stateOf = async (id: string): Promise<JobState | undefined> => (await pull('jobStates')).find((one) => one.id === id)
const scene = Buffer.concat([tinyBlend.subarray(0, 12), block('DATA', Buffer.alloc(300_000, 7)), tinyBlend.subarray(12)])
function block(code: string, data: Buffer): Buffer {
  const header = Buffer.alloc(24)
  header.write(code)
  header.writeInt32LE(data.length, 4)
  return Buffer.concat([header, data])
}
const job = (changes: Partial<Job> = {}): Job =>
  jobOf({
    ownerId: ada.ownerId,
    frames: [1, 2],
    scene: { sha256: sha256Of(scene), sizeBytes: scene.length, name: 'demo.blend' },
    ...changes,
  })

it('renders a job: resumed upload, waiting for files, ranges, acceptance, ledger, thumbnail', async () => {
  await at.call('jobs.submit', { job: job() }, ada.token)
  await vi.waitFor(async () => expect((await stateOf('job-1'))?.state).toBe('waitingForFiles'), 10_000)

  const first = await upload(scene, ada.token, { purpose: 'input' }, { stopAfter: 64 * 1024 })
  expect(first.error).toBe('stopped')
  expect((await file(`/files/${sha256Of(scene)}`, ada.token)).status).toBe(404)
  // Nobody else can go on with it, or see that it is there.
  expect((await upload(scene, eve.token, { purpose: 'input' }, { url: first.url ?? '' })).url).not.toBe(first.url)
  const offset = await fetch(first.url ?? '', {
    method: 'HEAD',
    headers: { authorization: `Bearer ${ada.token}`, 'tus-resumable': '1.0.0' },
  })
  expect(Number(offset.headers.get('upload-offset'))).toBeGreaterThanOrEqual(64 * 1024)
  expect(await upload(scene, ada.token, { purpose: 'input' }, { url: first.url ?? '' })).toMatchObject({ url: first.url, error: null })
  await vi.waitFor(async () => expect((await stateOf('job-1'))?.state).toBe('queued'), 10_000)

  const taskIds = await vi.waitFor(async () => {
    const answer = await at.call('work.request', capable, nodeToken)
    expect(answer.taskIds).toHaveLength(1)
    return answer.taskIds
  }, 10_000)
  const [task] = await pull('tasks', nodeToken)
  expect(task).toMatchObject({ id: taskIds[0], nodeId, frames: [1, 2], scene: { sha256: sha256Of(scene) } })
  const path = `/files/${task?.scene.sha256}`
  const part = await file(path, nodeToken, { range: 'bytes=100000-100009' })
  expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 100000-100009/${scene.length}`])
  expect(Buffer.from(await part.arrayBuffer())).toEqual(scene.subarray(100_000, 100_010))
  expect(Buffer.from(await (await file(path, nodeToken)).arrayBuffer()).equals(scene)).toBe(true)
  expect((await file(path, nodeToken, { range: 'bytes=900000-' })).status).toBe(416)
  expect((await file(path, foreignToken)).status).toBe(404)

  for (const frame of [1, 2]) {
    const picture = await tinyPng(frame)
    const about = { purpose: 'output', taskId: task?.id ?? '', frame: String(frame) }
    expect((await upload(picture, foreignToken, about)).error).toContain('TASK_NOT_FOUND')
    expect((await upload(picture, nodeToken, { ...about, sha256: 'a'.repeat(64) })).error).toContain('FILE_HASH_MISMATCH')
    expect((await upload(picture, nodeToken, about)).error).toBeNull()
    const delivery = { taskId: task?.id ?? '', leaseToken: 1, frame, sha256: sha256Of(picture), renderMs: 20 }
    for (let time = 0; time < 2; time += 1) expect((await at.call('frame.deliver', delivery, nodeToken)).verdict.verdict).toBe('accepted')
  }
  expect((await at.call('task.finish', { taskId: task?.id ?? '', leaseToken: 1, outcome: 'done' }, nodeToken)).closedAs).toBe('completed')
  await vi.waitFor(async () => expect((await stateOf('job-1'))?.state).toBe('done'), 10_000)
  expect(await pull('earnings')).toMatchObject([
    { id: `${task?.id}:selfrender`, frames: 2, grossMicro: 2_002, feeMicro: 200, netMicro: 1_802, state: 'final' },
  ] satisfies Partial<Earning>[])

  const thumb = await file('/api/jobs/job-1/frames/1/thumb', ada.token)
  expect(thumb.headers.get('content-type')).toBe('image/webp')
  expect(await sharp(Buffer.from(await thumb.arrayBuffer())).metadata()).toMatchObject({ format: 'webp', width: 64, height: 36 })
  expect((await file('/api/jobs/job-1/frames/2', ada.token)).headers.get('content-type')).toBe('image/png')
  for (const stranger of [eve.token, nodeToken, foreignToken])
    expect((await file('/api/jobs/job-1/frames/1', stranger)).status).toBeGreaterThanOrEqual(403)
  await vi.waitFor(async () => expect((await pull('rollups'))[0]).toMatchObject({ framesAccepted: 2, selfRenderNetMicro: 1_802 }), 10_000)
})

it('after the projection is deleted everything is chosen, leased and paid as before', async () => {
  await at.call('jobs.submit', { job: job({ id: 'job-2', frames: [1, 2, 3, 4, 5, 6] }) }, ada.token)
  // Queued is said before the first chunk is written; a node that finds nothing asks again.
  const ask = async () => (await at.call('work.request', { ...capable, bufferMs: 60_000 }, nodeToken)).taskIds
  const taskIds = await vi.waitFor(async () => {
    const ids = await ask()
    expect(ids).toHaveLength(1)
    return ids
  }, 10_000)
  await vi.waitFor(async () => expect(handledOf((await stateOf('job-2')) ?? null)?.split).toBe(true), 10_000)
  await at.stop()
  for (const name of readdirSync(at.dataFolder)) if (name.startsWith('projection')) await rm(join(at.dataFolder, name), { recursive: true })
  await at.restart()
  nodeToken = await signIn()
  const more = await at.call('work.request', { ...capable, bufferMs: 600_000, heldMs: 120_000, holding: taskIds }, nodeToken)
  expect(more.taskIds).toHaveLength(2)
  const tasks = (await pull('tasks')).filter((task: Task) => task.jobId === 'job-2')
  expect(tasks.map((task) => task.frames).sort()).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
  ])
  expect(await pull('earnings')).toHaveLength(1)
}, 60_000)
