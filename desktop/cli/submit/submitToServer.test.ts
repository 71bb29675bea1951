import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import type { Logger } from '#shared/log.ts'
import { startGateway, type RunningGateway } from '../../../sync-server/entry.ts'
import { serverClient } from '../../launch/serverClient.ts'
import { storeStarter } from '../../launch/store.ts'
import { systemClock } from '../../launch/systemClock.ts'
import { testLaunchContext } from '../../launch/testing/launchContext.ts'
import { makeContext } from '../context.ts'
import { runProgram } from '../program.ts'

vi.setConfig({ testTimeout: 120_000 })

const quiet: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => quiet }
function nothing(): void {
  // Nothing is to be said in tests.
}
const password = 'correct horse battery staple'

let folder = ''
let gateway: RunningGateway
let scene = ''
let out = ''
let problems = ''
/** Every word any of the runs was given, to prove that no password is among them. */
let given: string[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-submit-test-'))
  const started = await startGateway({
    ...{ dataFolder: join(folder, 'gateway'), host: '127.0.0.1', port: 0, dashboardFolder: join(folder, 'none'), log: quiet },
    startStore: storeStarter(testLaunchContext(folder)),
    clock: systemClock,
  })
  if (!started.ok) throw new Error(started.error.message)
  gateway = started.value
  await operator().call('owners.add', { name: 'Ada', password })
  scene = makeScene(join(folder, 'scenes'))
}, 120_000)
afterAll(async () => {
  await gateway.stop()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  out = ''
  problems = ''
  given = []
  vi.stubEnv('PICTOR_CONFIG', mkdtempSync(join(folder, 'config-')))
  vi.stubEnv('PICTOR_CACHE', join(folder, 'cache'))
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true))
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((problems += String(text)), true))
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal)
  process.exitCode = undefined
})

/** A scene that links to a picture beside it. */
function makeScene(inside: string): string {
  mkdirSync(inside)
  const [path, wood] = [join(inside, 'scene.blend'), join(inside, 'wood.png')]
  const script = `
import bpy
made = bpy.data.images.new('made', 4, 4)
made.filepath_raw = ${JSON.stringify(wood)}
made.file_format = 'PNG'
made.save()
bpy.data.images.load(${JSON.stringify(wood)}).use_fake_user = True
bpy.data.images.remove(made)
bpy.ops.wm.save_as_mainfile(filepath=${JSON.stringify(path)}, relative_remap=True)
`
  execFileSync('blender', ['--background', '--factory-startup', '--python-exit-code', '1', '--python-expr', script], { stdio: 'ignore' })
  return path
}

const operator = () => serverClient(gateway.url, readFileSync(gateway.operatorTokenPath, 'utf8').trim())
async function run(...argv: string[]): Promise<{ code: number | string | null | undefined; answer: Record<string, unknown> }> {
  out = ''
  given.push(...argv)
  await runProgram(makeContext('/nowhere/out', '9.9.9'), argv)
  return { code: process.exitCode, answer: JSON.parse(out) as Record<string, unknown> }
}
const submit = (...more: string[]) => run('submit', scene, '--server', gateway.url, '--frames', '1-3', '--json', ...more)
async function ada() {
  const { token } = await serverClient(gateway.url).signInByPassword('Ada', password)
  return serverClient(gateway.url, token ?? '')
}

it('signs in by account and password, sends the scene with its files, and makes the job', async () => {
  vi.stubEnv('PICTOR_PASSWORD', password)
  const { code, answer } = await submit('--account', 'ada', '--chunk', '2', '--samples', '7')
  expect(code, problems).toBe(0)
  expect(answer).toMatchObject({ ok: true, frames: 3, server: gateway.url, warnings: [] })
  const owner = await ada()
  const job = (await owner.documents('jobs')).find(({ id }) => id === answer['jobId'])
  expect(job).toMatchObject({ frames: [1, 2, 3], chunkSize: 2, settings: { samples: 7 }, name: 'scene' })
  expect(job?.extraFiles.map(({ name }) => name)).toEqual(['wood.png'])
  for (const { sha256, sizeBytes } of [job?.scene, ...(job?.extraFiles ?? [])].filter((file) => file !== undefined)) {
    const stored = await owner.request(`/files/${sha256}`)
    expect((await stored.arrayBuffer()).byteLength).toBe(sizeBytes)
  }
  await vi.waitFor(async () => {
    const state = (await owner.documents('jobStates')).find(({ id }) => id === answer['jobId'])
    expect(state?.state).toBe('queued')
  })
  expect(given).not.toContain(password)
  // The session is kept: the next time nobody has to say who they are, and nothing is uploaded that is there.
  vi.stubEnv('PICTOR_PASSWORD', undefined)
  const again = await submit()
  expect(again.code, problems).toBe(0)
  expect(again.answer['jobId']).not.toBe(answer['jobId'])
})

it('takes a one-time secret, once', async () => {
  const { owners } = await operator().call('owners.list', {})
  const { secret } = await operator().call('owners.link', { ownerId: owners[0]?.ownerId })
  vi.stubEnv('PICTOR_SECRET', secret)
  expect((await submit()).code, problems).toBe(0)
  expect((await submit()).answer).toMatchObject({ ok: false })
})

it('says how to sign in when nobody did, or the session is over', async () => {
  expect(await submit()).toMatchObject({ code: 2, answer: { ok: false, error: { code: 'SIGN_IN_NEEDED' } } })
  expect(problems).toContain('--account')
  vi.stubEnv('PICTOR_TOKEN', 'owner_that-is-no-session-of-anybody')
  expect(await submit()).toMatchObject({ code: 2, answer: { ok: false, error: { code: 'SIGN_IN_NEEDED' } } })
})

it('refuses a wrong password, and a server that is not there', async () => {
  vi.stubEnv('PICTOR_PASSWORD', 'something else')
  expect(await submit('--account', 'Ada')).toMatchObject({ code: 1, answer: { error: { code: 'WRONG_PASSWORD' } } })
  vi.stubEnv('PICTOR_TOKEN', 'whatever-it-is')
  const gone = await run('submit', scene, '--server', 'http://127.0.0.1:9', '--frames', '1', '--json')
  expect(gone).toMatchObject({ code: 3, answer: { error: { code: 'SERVER_UNREACHABLE' } } })
})

it('looks into the scene before anything leaves', async () => {
  vi.stubEnv('PICTOR_PASSWORD', password)
  const missing = makeScene(join(folder, 'poor'))
  rmSync(join(folder, 'poor', 'wood.png'))
  const before = (await (await ada()).documents('jobs')).length
  const refused = await run('submit', missing, '--server', gateway.url, '--account', 'Ada', '--frames', '1', '--json')
  expect(refused).toMatchObject({ code: 1, answer: { error: { code: 'SCENE_MISSING_FILES' } } })
  expect(await (await ada()).documents('jobs')).toHaveLength(before)
})
