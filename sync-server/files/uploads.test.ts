import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createMemoryStore } from '../testing/memoryDocumentStore.ts'
import { quietLogger, realClock } from '../testing/plainParts.ts'
import { sha256Of } from '../testing/taskHarness.ts'
import { temporaryFolder, type TemporaryFolder } from '../testing/testTools.ts'
import { keepFreeBytes, uploadLimits } from './fileLimits.ts'
import { noOtherHolders } from './fileHolders.ts'
import { createFolderFileStore, type FileStore } from './fileStore.ts'
import { createOwnUploads } from './ownUploads.ts'
import { createUploads, uploadsPath, type Uploads } from './uploads.ts'
import type { Uploader } from './uploadTarget.ts'

let folder: TemporaryFolder
let files: FileStore
let uploads: Uploads
let server: Server
let uploader: Uploader
let stored: string[]
let freeBytes: number
const memory = createMemoryStore()
const bytes = Buffer.from('a scene, more or less')

beforeEach(async () => {
  folder = temporaryFolder()
  stored = []
  freeBytes = keepFreeBytes * 2
  uploader = { ownerId: 'owner-1', nodeId: null, isOwner: true }
  files = createFolderFileStore(join(folder.path, 'files'))
  uploads = createUploads({
    folder: join(folder.path, 'uploads'),
    files,
    store: memory.store,
    log: quietLogger,
    clock: realClock,
    freeBytes: () => Promise.resolve(freeBytes),
    ownUploads: createOwnUploads(join(folder.path, 'ownUploads')),
    holders: noOtherHolders,
    gatewayId: 'gateway-1',
    onStored: (ownerId, sha256) => stored.push(`${ownerId} ${sha256}`),
  })
  server = createServer((request, response) => void uploads.handle(uploader, request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve))
  folder.remove()
})

const url = (path = uploadsPath) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`
const tus = { 'tus-resumable': '1.0.0' }
const metadata = (facts: Record<string, string>) =>
  Object.entries(facts)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
    .join(',')
const about = { sha256: sha256Of(bytes), name: 'a.blend', purpose: 'input' }

async function create(facts: Record<string, string> = about, length = bytes.length) {
  const response = await fetch(url(), {
    method: 'POST',
    headers: { ...tus, 'upload-length': String(length), 'upload-metadata': metadata(facts) },
  })
  return { status: response.status, location: response.headers.get('location') ?? '', body: await response.text() }
}
const send = (location: string, piece: Buffer, offset: number) =>
  fetch(url(location), {
    method: 'PATCH',
    headers: { ...tus, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' },
    body: new Uint8Array(piece),
  })

it('keeps a file under its hash, in the space of its owner only', async () => {
  const { status, location } = await create()
  expect(status).toBe(201)
  expect((await send(location, bytes, 0)).status).toBe(204)
  expect(stored).toEqual([`owner-1 ${about.sha256}`])
  expect(await files.has('owner-1', about.sha256)).toBe(true)
  expect(await files.has('owner-2', about.sha256)).toBe(false)
  expect(readdirSync(join(folder.path, 'uploads'))).toEqual([])
})

it('refuses other contents than announced and forgets them', async () => {
  const { location } = await create({ ...about, sha256: 'b'.repeat(64) })
  const response = await send(location, bytes, 0)
  expect([response.status, await response.json()]).toMatchObject([422, { ok: false, error: { code: 'FILE_HASH_MISMATCH' } }])
  expect(readdirSync(join(folder.path, 'uploads'))).toEqual([])
})

it('refuses what is too large, has no hash, climbs, or is for a task that is not theirs', async () => {
  expect((await create(about, uploadLimits.input + 1)).body).toContain('FILE_TOO_LARGE')
  expect((await create({ ...about, sha256: '../../etc/passwd' })).status).toBe(400)
  expect((await create({ ...about, purpose: 'output', taskId: 't-x', frame: '1' })).body).toContain('TASK_NOT_FOUND')
  uploader = { ownerId: 'owner-1', nodeId: 'node-1', isOwner: false }
  expect((await create()).status).toBe(403)
})

it('shows nobody else that an upload exists', async () => {
  const { location } = await create()
  const head = () => fetch(url(location), { method: 'HEAD', headers: tus })
  expect((await head()).status).toBe(200)
  for (const other of [
    { ownerId: 'owner-2', nodeId: null, isOwner: true },
    { ownerId: 'owner-1', nodeId: 'node-1', isOwner: false },
  ]) {
    uploader = other
    expect((await head()).status).toBe(404)
    expect((await send(location, bytes, 0)).status).toBe(404)
  }
  expect((await fetch(url(`${uploadsPath}/..%2f..%2fetc`), { method: 'HEAD', headers: tus })).status).toBe(404)
})

it('takes over what was complete when the process ended, and drops what nobody touched for a week', async () => {
  const complete = (await create()).location.split('/').at(-1) ?? ''
  writeFileSync(join(folder.path, 'uploads', complete), bytes)
  const abandoned = (await create()).location.split('/').at(-1) ?? ''
  const longAgo = new Date(Date.now() - 8 * 86_400_000)
  utimesSync(join(folder.path, 'uploads', abandoned), longAgo, longAgo)
  writeFileSync(join(folder.path, 'uploads', 'left.json'), '{}')
  utimesSync(join(folder.path, 'uploads', 'left.json'), longAgo, longAgo)
  const fresh = (await create()).location.split('/').at(-1) ?? ''
  expect(await uploads.sweep({ mayDrop: false })).toEqual({ finished: 1, dropped: 0 })
  expect(await uploads.sweep({ mayDrop: true })).toEqual({ finished: 0, dropped: 1 })
  expect(await files.has('owner-1', about.sha256)).toBe(true)
  expect(existsSync(join(folder.path, 'uploads', fresh))).toBe(true)
  expect(existsSync(join(folder.path, 'uploads', abandoned))).toBe(false)
  expect(existsSync(join(folder.path, 'uploads', 'left.json'))).toBe(false)
})

it('a client that asks about a complete upload gets it taken over, then no upload any more', async () => {
  const { location } = await create()
  writeFileSync(join(folder.path, 'uploads', location.split('/').at(-1) ?? ''), bytes)
  const head = () => fetch(url(location), { method: 'HEAD', headers: tus })
  const first = await head()
  expect([first.status, first.headers.get('upload-offset')]).toEqual([200, String(bytes.length)])
  expect((await head()).status).toBe(404)
  expect(stored).toHaveLength(1)
})

it('says so when the disk is full, and goes on where it was when there is room again', async () => {
  const { location } = await create()
  expect((await send(location, bytes.subarray(0, 8), 0)).status).toBe(204)
  freeBytes = keepFreeBytes
  const refused = await create()
  expect([refused.status, refused.body]).toEqual([507, expect.stringContaining('DISK_FULL')])
  // Nor do those that were begun while there was room fill the disk to the brim together.
  const piece = await send(location, bytes.subarray(8), 8)
  expect([piece.status, await piece.text()]).toEqual([507, expect.stringContaining('DISK_FULL')])
  freeBytes = keepFreeBytes * 2
  expect((await send(location, bytes.subarray(8), 8)).status).toBe(204)
  expect(stored).toHaveLength(1)
})
