import { spawn } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { copyFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeTestScene } from '../desktop/runtime/engines/testing/makeTestScene.ts'
import { isAlive } from '../desktop/launch/isAlive.ts'
import { descendants } from '../desktop/launch/processTree.ts'
import { readInstance } from '../desktop/launch/instanceFile.ts'
import { repositoryRoot, runCli } from './support/cli.ts'
import { couchPrefixOf } from './support/couchPrefix.ts'
import { openStores } from './support/stores.ts'
import { expect, test } from './support/test.ts'
import { waitFor } from './support/waitFor.ts'

test('a scene is submitted, waited for and downloaded; what cannot be submitted is refused with its code and loses nothing', async ({
  computer,
}) => {
  const data = computer.folder('data')
  const scene = await makeTestScene({ frames: 5 })
  await computer.startUp(data)
  const submit = (path: string, ...more: string[]) => runCli(['submit', path, '--data', data, '--json', ...more])

  const out = computer.folder('pictures')
  const done = await submit(scene, '--frames', '1-2,5', '--chunk', '2', '--out', out)
  expect(done.code, done.stderr).toBe(0)
  const result = done.json() as { jobId: string; state: string; accepted: number; outputs: { frame: number; path: string }[] }
  expect(result).toMatchObject({ ok: true, state: 'done', accepted: 3, failed: 0 })
  expect(result.outputs.map(({ frame }) => frame)).toEqual([1, 2, 5])
  for (const { path } of result.outputs) expect(readFileSync(path).subarray(1, 4).toString()).toBe('PNG')
  expect((await openStores(data).ledgerOf(result.jobId)).map(({ frames }) => frames).sort()).toEqual([1, 2])

  const folder = computer.folder('scenes')
  mkdirSync(folder)
  const text = join(folder, 'letter.blend')
  writeFileSync(text, 'Dear Sir or Madam')
  const cut = join(folder, 'cut.blend')
  copyFileSync(scene, cut)
  truncateSync(cut, Math.floor(readFileSync(scene).length * 0.6))
  const bare = join(folder, 'bare.blend')
  copyFileSync(await makeTestScene({ texture: { path: '//wood.png', exists: false } }), bare)

  const refusals: [string, string[], string, number][] = [
    [join(folder, 'nothing.blend'), ['--frames', '1'], 'SCENE_NOT_FOUND', 1],
    [text, ['--frames', '1'], 'SCENE_NOT_BLEND', 1],
    [cut, ['--frames', '1'], 'SCENE_TRUNCATED', 1],
    [bare, ['--frames', '1'], 'SCENE_MISSING_FILES', 1],
    [await makeTestScene({ camera: false }), ['--frames', '1'], 'SCENE_NO_CAMERA', 1],
    [scene, ['--frames', '5-1'], 'FRAMES_REVERSED', 2],
    [scene, ['--frames', ''], 'FRAMES_EMPTY', 2],
    [scene, ['--frames', '0-1048574'], 'FRAMES_TOO_MANY', 2],
    [scene, ['--frames', 'all'], 'FRAMES_INVALID', 2],
  ]
  for (const [path, args, code, exit] of refusals) {
    const refused = await submit(path, ...args)
    expect(refused.json(), `${path} ${args.join(' ')}`).toMatchObject({ ok: false, error: { code } })
    expect(refused.code).toBe(exit)
    expect(refused.stderr).toContain(code)
  }
  expect(await openStores(data).documents('jobs')).toHaveLength(1)
})

test('one data folder has one owner, and a port in use is said', async ({ computer }) => {
  const data = computer.folder('data')
  await computer.startUp(data)
  const second = await runCli(['up', '--data', data, '--port', '0', '--no-open', '--json'])
  expect(second.code).toBe(1)
  expect(second.json()).toMatchObject({ error: { code: 'DATA_FOLDER_IN_USE' } })

  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  const elsewhere = computer.folder('elsewhere')
  const refused = await runCli(['up', '--data', elsewhere, '--port', String(port), '--no-open', '--json'])
  expect(refused.code).toBe(1)
  expect(refused.json()).toMatchObject({ error: { code: 'PORT_IN_USE', details: { port } } })
  await new Promise((resolve) => other.close(resolve))
  // What failed to start left nothing running, so the folder is free.
  await computer.startUp(elsewhere)
})

test('Ctrl-C on npm start ends everything in time, and a killed shell leaves nothing behind', async ({ computer }) => {
  const data = computer.folder('data')
  const npm = spawn('npm', ['start', '--', '--data', data, '--port', '0', '--no-open'], {
    cwd: repositoryRoot,
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, PICTOR_COUCH_PREFIX: couchPrefixOf(data) },
  })
  const npmPid = npm.pid ?? 0
  let over = false
  const ended = new Promise<void>((resolve) =>
    npm.once('exit', () => {
      over = true
      resolve()
    }),
  )
  await waitFor('npm start', () => over || readInstance(data), 90_000)
  expect(over, 'npm start ended by itself').toBe(false)
  const everyone = descendants(npmPid)
  expect(everyone.length).toBeGreaterThanOrEqual(4)
  const startedAt = performance.now()
  // As a terminal does: to the whole foreground group.
  process.kill(-npmPid, 'SIGINT')
  await ended
  await waitFor('the end of all processes', () => !everyone.some(isAlive), 10_000)
  expect(performance.now() - startedAt).toBeLessThan(10_000)

  const up = await computer.startUp(data)
  const orphans = up.everyone().filter((pid) => pid !== up.pid)
  process.kill(up.pid, 'SIGKILL')
  await waitFor('the end of the orphans', () => !orphans.some(isAlive), 15_000)
  const again = await computer.startUp(data)
  expect(again.instance().pid).not.toBe(up.pid)
})

test('a server, its owner and a worker made for it work together from three commands', async ({ computer }) => {
  const [serverData, workerData] = [computer.folder('server'), computer.folder('worker')]
  const server = await computer.startServer(serverData)
  const url = server.instance().gatewayUrl ?? ''
  const added = (await runCli(['server', 'owner', 'add', 'anna', '--data', serverData, '--json'])).json()
  const config = join(dirname(serverData), 'rig.pictor.json')
  expect((await runCli(['worker', 'create', 'rig', '--data', serverData, '--out', config, '--json'])).code).toBe(0)
  await computer.startWorker(workerData, ['--config', config])

  const env = { PICTOR_CONFIG: computer.folder('settings') }
  const signedIn = await runCli(['sign-in', '--server', url, '--secret', String(added['signInSecret'])], { env })
  expect(signedIn.code, signedIn.stderr).toBe(0)
  await waitFor('the worker to be connected', async () => {
    const { workers } = (await runCli(['status', '--server', url, '--json'], { env })).json() as { workers: { connected: boolean }[] }
    return workers.length === 1 && workers[0]?.connected === true
  })

  const spent = await runCli(['worker', '--config', config, '--data', computer.folder('clone'), '--json'])
  expect(spent.json()).toMatchObject({ ok: false, error: { code: 'CONFIG_EXPIRED' } })
  const wrong = join(dirname(serverData), 'wrong.pictor.json')
  const good = JSON.parse(readFileSync(config, 'utf8')) as Record<string, unknown>
  writeFileSync(wrong, JSON.stringify({ ...good, serverId: 'server-of-somebody-else' }))
  const foreign = await runCli(['worker', '--config', wrong, '--data', computer.folder('foreign'), '--json'])
  expect(foreign.json()).toMatchObject({ ok: false, error: { code: 'CONFIG_OTHER_SERVER' } })
  rmSync(wrong)
})
