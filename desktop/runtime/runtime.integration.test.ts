import { execFileSync } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { WorkerConfig } from '#shared/api/workerConfig.ts'
import type { Earning } from '#shared/collections/earning.schema.ts'
import type { JobState } from '#shared/collections/job.schema.ts'
import type { NodeDocument } from '#shared/collections/node.schema.ts'
import type { Run } from '#shared/collections/run.schema.ts'
import type { JsonObject } from '#shared/json.ts'
import { makeTestScene } from './engines/testing/makeTestScene.ts'
import { ProcessError, startHousehold, startProcess, type StartedProcess, type TestHousehold } from './testing/startHousehold.ts'

/** Real gateway, real store, real Blender, each in its own process. */
let house: TestHousehold
let runtime: StartedProcess
let scene: string
let slowScene: string

beforeAll(async () => {
  scene = await makeTestScene({ frames: 5 })
  slowScene = await makeTestScene({ frames: 5, secondsPerFrame: 1.5 })
  house = await startHousehold()
  runtime = await house.startRuntime('node', await house.newConfig('node'))
}, 120_000)
afterAll(() => house.stop(), 60_000)

const patience = { timeout: 90_000, interval: 200 }
async function submit(path: string, frames: string, chunkSize: number): Promise<string> {
  const staged = await runtime.ask('scene.stageFile', { path })
  if (!staged.ok) throw new ProcessError(staged.error)
  const stagedId = (staged.value as JsonObject)['stagedId'] ?? ''
  const submitted = await runtime.ask('scene.submit', { stagedId, frames, chunkSize, settings: {} })
  if (!submitted.ok) throw new ProcessError(submitted.error)
  return (submitted.value as { jobId: string }).jobId
}
const runsOf = async (jobId: string) => (await house.documents<Run>('runs')).filter((run) => run.jobId === jobId)
const rendersOf = (runs: Run[]) =>
  Object.fromEntries(runs.flatMap(({ frames }) => Object.entries(frames).map(([frame, { renders }]) => [frame, renders])))
const stateOf = async (jobId: string) => (await house.documents<JobState>('jobStates')).find(({ id }) => id === jobId)
const untilDone = (jobId: string) => vi.waitFor(async () => expect((await stateOf(jobId))?.state).toBe('done'), patience)
const earningsOf = async (jobId: string) => (await house.documents<Earning>('earnings')).filter((entry) => entry.jobId === jobId)
const ourBlenders = () =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(`${house.folder}/`) && line.includes('-b '))

test('from a submitted scene to accepted frames, runs, a log and ledger entries', async () => {
  const jobId = await submit(scene, '1-5', 3)
  await untilDone(jobId)
  const state = await stateOf(jobId)
  expect(state).toMatchObject({ accepted: 5, failed: 0, total: 5 })
  await vi.waitFor(async () => expect((await runsOf(jobId)).map((run) => run.state)).toEqual(['done', 'done']), patience)
  const runs = await runsOf(jobId)
  expect(rendersOf(runs)).toEqual({ '1': 1, '2': 1, '3': 1, '4': 1, '5': 1 })
  for (const run of runs) for (const [frame, { sha256 }] of Object.entries(run.frames)) expect(state?.frames[frame]?.sha256).toBe(sha256)
  const entries = await earningsOf(jobId)
  expect(entries.map(({ kind, frames }) => [kind, frames]).sort()).toEqual([
    ['selfRender', 2],
    ['selfRender', 3],
  ])
  for (const { grossMicro, feeMicro, netMicro } of entries) expect(grossMicro - feeMicro).toBe(netMicro)
  const [first] = runs
  await vi.waitFor(async () => {
    expect(await readSeries(`log/${first?.id}`)).toMatch(/Saved:|Fra:/)
  }, patience)
}, 120_000)

test('killed in the middle of a frame: what was kept is not rendered again, no Blender is left behind', async () => {
  const jobId = await submit(slowScene, '1-5', 5)
  await vi.waitFor(async () => {
    const frames = (await runsOf(jobId))[0]?.frames ?? {}
    expect(['1', '2'].map((frame) => frames[frame]?.state)).toEqual([
      expect.stringMatching(/finished|delivered/),
      expect.stringMatching(/finished|delivered/),
    ])
    expect(frames['3']?.state).toBe('rendering')
  }, patience)
  await runtime.kill()
  const before = (await runsOf(jobId))[0]?.frames ?? {}
  runtime = await house.startRuntime('node', null)
  await vi.waitFor(async () => {
    const [node] = await house.documents<NodeDocument>('nodes')
    expect(node?.terminated?.code).toBe('CRASH')
  }, patience)
  await untilDone(jobId)
  await vi.waitFor(async () => expect((await runsOf(jobId))[0]?.state).toBe('done'), patience)
  const renders = rendersOf(await runsOf(jobId))
  for (const [frame, { state }] of Object.entries(before)) if (state === 'finished' || state === 'delivered') expect(renders[frame]).toBe(1)
  expect(Math.max(...Object.values(renders))).toBeLessThanOrEqual(2)
  expect(await earningsOf(jobId)).toMatchObject([{ frames: 5 }])
  expect(ourBlenders()).toEqual([])
}, 180_000)

test('the gateway is killed while a task renders: the node finishes it, and all converges when it is back', async () => {
  const jobId = await submit(slowScene, '1-4', 2)
  await vi.waitFor(async () => expect((await runsOf(jobId)).some((run) => run.state === 'rendering')).toBe(true), patience)
  await house.gateway().kill()
  await vi.waitFor(async () => {
    const computer = await runtime.ask('computer.get', {})
    expect(computer).toMatchObject({ ok: true, value: { uplink: { state: 'offline', framesWaiting: 4 } } })
  }, patience)
  await house.restartGateway()
  await untilDone(jobId)
  await vi.waitFor(async () => expect((await runsOf(jobId)).map((run) => run.state)).toEqual(['done', 'done']), patience)
  expect(Object.values(rendersOf(await runsOf(jobId)))).toEqual([1, 1, 1, 1])
  expect((await earningsOf(jobId)).map(({ frames }) => frames)).toEqual([2, 2])
}, 180_000)

test('paused here, with the line up: the tree is suspended at once, and goes on', async () => {
  const jobId = await submit(slowScene, '1-2', 2)
  await vi.waitFor(async () => expect((await runsOf(jobId))[0]?.state).toBe('rendering'), patience)
  expect(await runtime.ask('computer.pause', { kind: 'now' })).toMatchObject({ ok: true })
  await vi.waitFor(async () => expect((await runsOf(jobId))[0]?.state).toBe('paused'), patience)
  const stopped = execFileSync('ps', ['-eo', 'stat,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(house.folder) && line.includes('-b '))
  expect(stopped.length).toBeGreaterThan(0)
  for (const line of stopped) expect(line).toMatch(/^T/)
  await vi.waitFor(
    async () => expect((await house.documents<NodeDocument>('nodes'))[0]?.holds).toMatchObject([{ code: 'PAUSED_HERE' }]),
    patience,
  )
  await runtime.ask('computer.resume', {})
  await untilDone(jobId)
  expect(Object.values(rendersOf(await runsOf(jobId)))).toEqual([1, 1])
}, 180_000)

describe('bad input has a code', () => {
  const refusal = async (name: string, config: unknown) => {
    const started = house.startRuntime(name, config as WorkerConfig)
    return started.then(
      () => 'started',
      (error: unknown) => (error instanceof ProcessError ? error.error.code : String(error)),
    )
  }
  test('a config that is malformed, expired, or of another server', async () => {
    const config = await house.newConfig('other')
    expect(await refusal('malformed', { ...config, serverId: 7 })).toBe('CONFIG_MALFORMED')
    expect(await refusal('expired', { ...config, expiresAt: 1 })).toBe('CONFIG_EXPIRED')
    expect(await refusal('elsewhere', { ...config, serverId: 'server-elsewhere' })).toBe('CONFIG_OTHER_SERVER')
    expect(await refusal('refused', { ...config, enrolmentToken: 'x'.repeat(43) })).toBe('ENROLMENT_REFUSED')
  }, 60_000)
  test('a data folder that another node uses', async () => {
    expect(await refusal('node', null)).toBe('DATA_FOLDER_IN_USE')
  }, 60_000)
  test('scenes that are none', async () => {
    const codeOf = async (path: string) => {
      const staged = await runtime.ask('scene.stageFile', { path })
      return staged.ok ? 'staged' : staged.error.code
    }
    expect(await codeOf(join(house.folder, 'nowhere.blend'))).toBe('SCENE_NOT_FOUND')
    expect(await codeOf(import.meta.filename)).toBe('SCENE_NOT_BLEND')
    expect(await codeOf(await makeTestScene({ camera: false }))).toBe('SCENE_NO_CAMERA')
    expect(await codeOf(await makeTestScene({ texture: { path: '//wood.png', exists: false } }))).toBe('SCENE_MISSING_FILES')
  }, 120_000)
})

test('a computer that worked for itself imports a config: another world, the same page; what was there stays', async () => {
  const lone = await house.startRuntime('lone', null, { serverUrl: null, ownerToken: null })
  const before = await lone.ask('computer.get', {})
  expect(before).toMatchObject({ ok: true, value: { uplink: { state: 'local' } } })
  const config = { ...((await house.newConfig('lone')) as JsonObject) }
  const stranger = { ...config, serverId: 'server-elsewhere' }
  expect(await lone.ask('config.import', { config: stranger })).toMatchObject({ ok: false, error: { code: 'CONFIG_OTHER_SERVER' } })
  expect(await lone.ask('config.import', { config: { ...config, serverUrl: 7 } })).toMatchObject({
    ok: false,
    error: { code: 'REQUEST_INVALID' },
  })
  expect(await lone.ask('config.import', { config })).toEqual({ ok: true, value: {} })
  await vi.waitFor(async () => {
    const after = await lone.ask('computer.get', {})
    expect(after).toMatchObject({ ok: true, value: { nodeId: config['workerId'], uplink: { state: 'live' } } })
  }, patience)
  expect((await fetch(`${lone.value['url'] as string}/healthz`)).status).toBe(200)
  const worlds = await readdir(join(house.folder, 'lone', 'worlds'))
  expect(worlds.filter((name) => name.startsWith('local-'))).toHaveLength(1)
  expect(worlds).toHaveLength(2)
  expect(await lone.stop()).toBe(0)
}, 90_000)

test('a mere worker takes no scenes: said before anything is looked into or loaded up', async () => {
  const mere = await house.startRuntime('mere', await house.newConfig('mere'), { serverUrl: null, ownerToken: null })
  const refused = { ok: false, error: { code: 'JOB_NOT_FROM_HERE', details: { server: house.gatewayUrl() } } }
  // Not even whether there is such a file.
  expect(await mere.ask('scene.stageFile', { path: join(house.folder, 'nowhere.blend') })).toMatchObject(refused)
  expect(await mere.ask('demo.render', {})).toMatchObject(refused)
  expect(await mere.ask('scene.submit', { stagedId: 'staged-x', frames: '1', chunkSize: 1, settings: {} })).toMatchObject(refused)
  const answer = await mere.ask('page.link', {})
  const { link } = (answer.ok ? answer.value : {}) as { link: string }
  const secret = new URL(link).hash.replace('#link=', '')
  const json = { 'content-type': 'application/json' }
  const page = mere.value['url'] as string
  const signedIn = await fetch(`${page}/api/session/link`, { method: 'POST', headers: json, body: JSON.stringify({ secret }) })
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const put = await fetch(`${page}/api/scenes?name=a.blend`, { method: 'PUT', headers: { cookie }, body: 'BLENDER' })
  expect(await put.json()).toMatchObject(refused)
  expect(await mere.stop()).toBe(0)
}, 90_000)

test('the key of the node is for its user alone, and a stop leaves nothing running', async () => {
  const extra = await house.startRuntime('extra', await house.newConfig('extra'))
  const key = execFileSync('find', [join(house.folder, 'extra'), '-name', 'node.key'], { encoding: 'utf8' }).trim()
  expect((await stat(key)).mode & 0o777).toBe(0o600)
  expect(await extra.stop()).toBe(0)
  await expect(startProcess(join(import.meta.dirname, 'main.ts'), { dataFolder: '' })).rejects.toThrow('REQUEST_INVALID')
}, 60_000)

async function readSeries(series: string): Promise<string> {
  const response = await fetch(`${house.gatewayUrl()}/sync/seriesRead`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${house.ownerToken}` },
    body: JSON.stringify({ series, from: 0, limitBytes: 100_000 }),
  })
  const answer = (await response.json()) as { value?: { text: string }; text?: string }
  return answer.value?.text ?? answer.text ?? ''
}
