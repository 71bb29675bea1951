import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import type { Result } from '#shared/result.ts'
import type { PullReply } from '#shared/sync/protocol.ts'
import { backupServer, migrateServer, restoreServer, type MaintenanceOptions } from '../entry.ts'
import { sampleRun } from '../testing/sampleRun.ts'
import { startTestGateway, type TestGateway } from '../testing/startTestGateway.ts'
import { forkStore } from '../testing/forkStore.ts'
import { startTestStore, urlWithCredentials } from '../testing/startTestStore.ts'
import { quietLog, realClock, temporaryFolder } from '../testing/testTools.ts'

const cleanUp: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const each of cleanUp.splice(0).reverse()) await each()
})

async function gateway(overrides: Parameters<typeof startTestGateway>[0] = {}): Promise<TestGateway> {
  const started = await startTestGateway(overrides)
  cleanUp.push(() => started.remove())
  return started
}
function folder(): string {
  const made = temporaryFolder()
  cleanUp.push(() => made.remove())
  return made.path
}
const couchUrl = process.env['COUCHDB_URL'] ?? null
const maintenance = (dataFolder: string, couchPrefix: string): MaintenanceOptions => ({
  dataFolder,
  couchUrl,
  couchPrefix,
  startStore: forkStore,
  log: quietLog,
  clock: realClock,
})
const newPrefix = () => `pt${Math.random().toString(36).slice(2, 10)}-`
/** By id: stores tell changes in orders of their own (a CouchDB has shards). */
const runsOf = async (at: TestGateway, token: string) => {
  const { body } = await at.request<Result<PullReply>>('POST', '/sync/pull', {
    token,
    body: { collection: 'runs', checkpoint: null, limit: 2_000 },
  })
  if (!body.ok) throw new Error(body.error.message)
  return body.value.documents.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}
const epochOf = async (at: TestGateway) => (await at.request<{ epoch: string }>('GET', '/api/hello')).body.epoch

async function fill(at: TestGateway) {
  const { ownerId, token } = await at.addOwner('Ada')
  const node = await at.enrolNode(ownerId, 'one')
  const nodeToken = (await node.signIn()).body.token
  const documents = Array.from({ length: 1_200 }, (_, index) => sampleRun(ownerId, node.nodeId, index))
  await at.request('POST', '/sync/push', {
    token: nodeToken,
    body: { collection: 'runs', rows: documents.map((document) => ({ assumed: null, document })) },
  })
  await at.request('POST', '/sync/seriesAppend', {
    token: nodeToken,
    body: { series: `node/${node.nodeId}`, offset: 0, text: 'a log line\n' },
  })
  return { ownerId, token, node, nodeToken }
}

test('a backup, restored elsewhere, is the same server in a new epoch', async () => {
  const couchPrefix = newPrefix()
  const at = await gateway({ couchPrefix })
  const { token, node } = await fill(at)
  const before = await runsOf(at, token)
  const [serverId, epoch] = [at.serverId, await epochOf(at)]
  await at.stop()
  const target = join(folder(), 'backup')
  const report = await backupServer(maintenance(at.dataFolder, couchPrefix), target)
  expect(report).toMatchObject({ ok: true, value: { files: 1 } })
  expect(readdirSync(target).sort()).toEqual(['databases', 'files', 'manifest.json'])
  expect(await backupServer(maintenance(at.dataFolder, couchPrefix), target)).toMatchObject({
    ok: false,
    error: { code: 'BACKUP_INVALID' },
  })

  const elsewhere = join(folder(), 'gateway')
  const newName = newPrefix()
  const restored = await restoreServer(maintenance(elsewhere, newName), target)
  expect(restored).toEqual(report)
  // A second restore would mix two servers.
  expect(await restoreServer(maintenance(elsewhere, newName), target)).toMatchObject({ ok: false, error: { code: 'BACKUP_INVALID' } })
  const again = await gateway({ dataFolder: elsewhere, couchPrefix: newName })
  expect(await runsOf(again, token)).toEqual(before)
  expect(again.serverId).toBe(serverId)
  expect(await epochOf(again)).not.toBe(epoch)
  const series = await again.request('POST', '/sync/seriesRead', {
    token,
    body: { series: `node/${node.nodeId}`, from: 0, limitBytes: 100 },
  })
  expect(series.body).toMatchObject({ value: { text: 'a log line\n' } })
  expect((await again.call('owners.list', {})).owners.map(({ name }) => name)).toEqual(['Ada'])
})

test('a backup that was changed, cut or is none at all is refused before anything is written', async () => {
  const couchPrefix = newPrefix()
  const at = await gateway({ couchPrefix })
  await fill(at)
  await at.stop()
  const target = join(folder(), 'backup')
  await backupServer(maintenance(at.dataFolder, couchPrefix), target)
  const empty = folder()
  const refused = (path: string) => restoreServer(maintenance(join(empty, 'gateway'), newPrefix()), path)
  expect(await refused(empty)).toMatchObject({ ok: false, error: { code: 'BACKUP_INVALID' } })
  const dump = join(target, 'databases', '0.ndjson')
  writeFileSync(dump, `${readFileSync(dump, 'utf8')}{"id":"smuggled"}\n`)
  expect(await refused(target)).toMatchObject({ ok: false, error: { code: 'BACKUP_INVALID' } })
  mkdirSync(join(empty, 'other'))
  writeFileSync(join(empty, 'other', 'manifest.json'), '{"format":"something else"}')
  expect(await refused(join(empty, 'other'))).toMatchObject({ ok: false, error: { code: 'BACKUP_INVALID' } })
})

test('an embedded store moves to a CouchDB, and again without doubling anything', async () => {
  const couch = await startTestStore()
  cleanUp.push(() => couch.remove())
  const url = urlWithCredentials(couch.target())
  const at = await gateway({ couchUrl: null, couchPrefix: 'pictor-' })
  const { token } = await fill(at)
  const before = await runsOf(at, token)
  await at.stop()
  const source = { ...maintenance(at.dataFolder, 'pictor-'), couchUrl: null }
  const to = { dataFolder: at.dataFolder, couchUrl: url, couchPrefix: couch.prefix }
  const moved = await migrateServer(source, to)
  expect(moved.ok && moved.value.documents).toBeGreaterThan(1_200)
  expect(await migrateServer(source, to)).toEqual(moved)
  const again = await gateway({ couchUrl: url, couchPrefix: couch.prefix })
  const sorted = (documents: { id: string }[]) => documents.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  expect(sorted(await runsOf(again, token))).toEqual(sorted(before))
}, 120_000)

test('a server that runs is backed up while it is written to, by its operator alone', async () => {
  const at = await gateway({ couchPrefix: newPrefix() })
  const { ownerId, token, node, nodeToken } = await fill(at)
  const before = await runsOf(at, token)
  const target = join(folder(), 'backup')
  const asOwner = await at.request('POST', '/api/call/server.backup', { token, body: { folder: target } })
  expect(asOwner.body).toMatchObject({ ok: false, error: { code: 'NOT_ALLOWED' } })
  for (const folder of ['relative', join(at.dataFolder, 'files', 'x'), at.dataFolder])
    await expect(at.call('server.backup', { folder })).rejects.toThrow('BACKUP_INVALID')

  const { backupId } = await at.call('server.backup', { folder: target })
  const more = Array.from({ length: 300 }, (_, index) => sampleRun(ownerId, node.nodeId, 10_000 + index))
  const pushed = at.request('POST', '/sync/push', {
    token: nodeToken,
    body: { collection: 'runs', rows: more.map((document) => ({ assumed: null, document })) },
  })
  await expect(at.call('server.backupState', { backupId: 'another' })).rejects.toThrow('NOT_FOUND')
  const report = await vi.waitFor(
    async () => {
      const state = await at.call('server.backupState', { backupId })
      expect(state.report).not.toBeNull()
      return state.report
    },
    { timeout: 30_000, interval: 50 },
  )
  expect(await pushed).toMatchObject({ body: { ok: true } })
  const second = await at.call('server.backup', { folder: target })
  await vi.waitFor(() => expect(at.call('server.backupState', { backupId: second.backupId })).rejects.toThrow('BACKUP_INVALID'))

  const elsewhere = join(folder(), 'gateway')
  const newName = newPrefix()
  expect(await restoreServer(maintenance(elsewhere, newName), target)).toEqual({ ok: true, value: report })
  const again = await gateway({ dataFolder: elsewhere, couchPrefix: newName })
  const after = new Map((await runsOf(again, token)).map((run) => [run.id, run]))
  for (const run of before) expect(after.get(run.id)).toEqual(run)
})

test('documents are not moved to where they are', async () => {
  const dataFolder = join(folder(), 'gateway')
  const nowhere = { ok: false, error: { code: 'REQUEST_INVALID', message: expect.stringContaining('--to') as string } }
  const embedded = { ...maintenance(dataFolder, 'pictor-'), couchUrl: null }
  expect(await migrateServer(embedded, { dataFolder, couchUrl: null, couchPrefix: null })).toMatchObject(nowhere)
  const couch = { ...embedded, couchUrl: 'http://a:b@127.0.0.1:1/' }
  expect(await migrateServer(couch, { dataFolder, couchUrl: 'http://127.0.0.1:1', couchPrefix: null })).toMatchObject(nowhere)
  // Nothing was begun for it.
  expect(existsSync(dataFolder)).toBe(false)
})

test('a server that is running is not backed up from outside', async () => {
  const at = await gateway()
  expect(await backupServer(maintenance(at.dataFolder, 'pictor-'), join(folder(), 'backup'))).toMatchObject({
    ok: false,
    error: { code: 'DATA_FOLDER_IN_USE' },
  })
})
