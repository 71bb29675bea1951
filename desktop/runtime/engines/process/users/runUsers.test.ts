import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, link, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../../systemClock.ts'
import { quietLog } from '../../../testing/quietLog.ts'
import { createBlenderEngine } from '../../blender/blenderEngine.ts'
import type { EngineEvent } from '../../engine.ts'
import { makeTestScene } from '../../testing/makeTestScene.ts'
import { createContainment, type Containment } from '../containment.ts'
import { createRunBounds, standardBounds } from '../runBounds.ts'
import { isOfRun, ownersOfProcesses, parseStatus } from './ownersOfProcesses.ts'
import { readersGroup } from './runFolders.ts'

/** A node's data folder, as its process makes it: nobody else may look into it. */
let data: string
let numbers: string
beforeEach(async () => {
  numbers = await mkdtemp(join(tmpdir(), 'pictor-numbers-'))
  data = await mkdtemp(join(tmpdir(), 'pictor-users-'))
  await chmod(data, 0o700)
  for (const name of ['jobs/a', 'scratch/a/tmp', 'scratch/b/tmp', 'kernels'])
    await mkdir(join(data, name), { recursive: true, mode: 0o700 })
  await writeFile(join(data, 'jobs', 'a', 'scene.blend'), 'scene', { mode: 0o600 })
  await writeFile(join(data, 'node.key'), 'secret', { mode: 0o600 })
})
afterEach(async () => {
  for (const folder of [data, numbers]) await rm(folder, { recursive: true, force: true })
})

/** A node of its own, as where the kernel gives no groups: in most containers. */
const node = (level: 'auto' | 'basic', processes = 64): Containment => {
  const bounds = createRunBounds({ clock: systemClock, log: quietLog, groups: null, bounds: { ...standardBounds(), processes } })
  return createContainment({ clock: systemClock, log: quietLog, hidden: [data], bounds, level, numbersFolder: numbers })
}
const begin = async (containment: Containment, script: string, name = 'a') => {
  const work = join(data, 'scratch', name)
  const tree = await containment.start({
    ...{ name: 'try', command: '/bin/sh', args: ['-c', script], cwd: work, folders: [work], env: { PATH: process.env['PATH'] ?? '' } },
    access: { readOnly: [join(data, 'jobs', 'a')], writable: [work, join(data, 'kernels')], display: false },
  })
  // Not to its end: who is stopped loses it.
  let text = ''
  tree.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  tree.stderr.resume()
  return { tree, said: () => text }
}
const play = async (containment: Containment, script: string) => {
  const { tree, said } = await begin(containment, script)
  await tree.exited
  const verdict = await tree.verdict()
  await tree.close()
  return { said: said(), verdict }
}
const runsOf = async (uid: number) => (await ownersOfProcesses()).filter(isOfRun(uid)).map(({ pid }) => pid)

// Only root can become somebody else; whoever else starts a node has no more rights than that to begin with.
describe.runIf(process.platform === 'linux' && process.getuid?.() === 0)('a run of root’s, where the kernel has no groups', () => {
  test.each(['auto', 'basic'] as const)('%s: is a user of its own, reads its scene, writes its folders and nothing else', async (level) => {
    const scene = join(data, 'jobs', 'a', 'scene.blend')
    const work = join(data, 'scratch', 'a')
    const containment = node(level)
    const script = [
      `id -u; id -g; cat ${scene}; echo; stat -c %u ${work}; echo made > ${work}/tmp/out; echo k > ${data}/kernels/one; echo t > /tmp/t$$ && rm /tmp/t$$`,
      `cat ${data}/node.key 2>/dev/null && echo LEAK; echo x 2>/dev/null >> ${scene} && echo CHANGED`,
      `grep -E 'CapEff|CapPrm|CapAmb|CapInh' /proc/self/status; ls ${data} 2>/dev/null | grep node.key && echo LOOKED`,
    ].join('\n')
    const { said } = await play(containment, script)
    const [uid, gid, content, owner] = said.split('\n')
    expect(Number(uid)).toBeGreaterThan(readersGroup)
    expect([gid, content, owner]).toEqual([uid, 'scene', uid])
    expect(said).not.toMatch(/LEAK|CHANGED|LOOKED/)
    expect(said.match(/Cap\w+:\s+0+$/gm)).toHaveLength(4)
    // Taken back: the next with this number finds nothing that is its own.
    expect(await readFile(join(work, 'tmp', 'out'), 'utf8')).toBe('made\n')
    for (const path of [work, join(work, 'tmp', 'out')]) expect(await stat(path)).toMatchObject({ uid: 0, gid: 0 })
    expect(await stat(join(data, 'kernels'))).toMatchObject({ uid: 0, gid: readersGroup })
    expect((await readdir(numbers)).filter((name) => name.endsWith('.json'))).toEqual([])
    expect(await containment.inWords()).toBe(`${await containment.level()}+user+watchdog`)
  })

  test('of two nodes each has its own, and the end of one’s run leaves the other’s alone', async () => {
    const wait = 'id -u; sleep 300'
    const [one, other] = [await begin(node('basic'), wait), await begin(node('basic'), wait, 'b')]
    const users = async () =>
      Promise.all([join(data, 'scratch', 'a'), join(data, 'scratch', 'b')].map(async (path) => (await stat(path)).uid))
    const [first = 0, second = 0] = await users()
    expect(first).not.toBe(second)
    await vi.waitFor(async () => expect(await runsOf(first)).not.toEqual([]), { timeout: 10_000 })
    await vi.waitFor(async () => expect(await runsOf(second)).not.toEqual([]), { timeout: 10_000 })
    await one.tree.stop()
    await one.tree.close()
    expect(await runsOf(first)).toEqual([])
    expect(await runsOf(second)).not.toEqual([])
    expect(await users()).toEqual([0, second])
    await other.tree.stop()
    await other.tree.close()
    expect(await runsOf(second)).toEqual([])
    expect(one.said()).toBe(`${first}\n`)
    expect(other.said()).toBe(`${second}\n`)
  })

  test('what a killed node left is ended and taken back by the next one, and what a living one runs is not', async () => {
    const work = join(data, 'scratch', 'b')
    const script = `
      import { createContainment } from '${import.meta.dirname}/../containment.ts'
      import { createRunBounds } from '${import.meta.dirname}/../runBounds.ts'
      import { systemClock } from '${import.meta.dirname}/../../../systemClock.ts'
      const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
      const bounds = createRunBounds({ clock: systemClock, log, groups: null })
      const given = { clock: systemClock, log, hidden: ['${data}'], bounds, level: 'basic', numbersFolder: '${numbers}' }
      await createContainment(given).start({
        name: 'left', command: '/bin/sh', args: ['-c', 'setsid sleep 300 & sleep 300'], cwd: '${work}', folders: ['${work}'], env: { PATH: process.env.PATH },
        access: { readOnly: [], writable: ['${work}'], display: false },
      })
      console.log('started')`
    const killed = spawn(process.execPath, ['--no-warnings', '--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(killed.stdout, 'data')
    const living = await begin(node('basic'), 'sleep 300')
    const [left, mine] = [(await stat(work)).uid, (await stat(join(data, 'scratch', 'a'))).uid]
    expect(left).toBeGreaterThan(readersGroup)
    await vi.waitFor(async () => expect((await runsOf(left)).length).toBeGreaterThan(1), { timeout: 10_000 })
    killed.kill('SIGKILL')
    await once(killed, 'exit')
    expect(await runsOf(left)).not.toEqual([])

    expect(await node('basic').inWords()).toBe('basic+user+watchdog')
    expect(await runsOf(left)).toEqual([])
    expect(await stat(work)).toMatchObject({ uid: 0, gid: 0 })
    expect(await runsOf(mine)).not.toEqual([])
    await living.tree.stop()
    await living.tree.close()
  })

  test('what goes its own way is counted and ended with it, also when it starts more without end', async () => {
    const away = await play(node('basic'), 'setsid sleep 300 >/dev/null 2>&1 & id -u')
    expect(await runsOf(Number(away.said))).toEqual([])
    const bomb = 'id -u; f() { setsid sh -c "sleep 300" & }; while :; do f; done 2>/dev/null'
    const { said, verdict } = await play(node('basic', 20), bomb)
    expect(verdict).toMatchObject({ code: 'SCENE_STARTS_PROCESSES' })
    expect(await runsOf(Number(said.split('\n')[0]))).toEqual([])
  }, 60_000)

  test('links that it leaves take nothing of others with them', async () => {
    const [outside, second] = [join(data, 'node.key'), join(data, 'jobs', 'a', 'scene.blend')]
    await symlink(outside, join(data, 'scratch', 'a', 'link'))
    await link(second, join(data, 'scratch', 'a', 'second-name'))
    await play(node('basic'), `ln -s ${data} around`)
    expect(await stat(outside)).toMatchObject({ uid: 0, gid: 0 })
    expect((await stat(outside)).mode & 0o777).toBe(0o600)
    expect(await stat(second)).toMatchObject({ uid: 0 })
  })

  test('the real Blender renders as such a user, from a scene that only we could read', { timeout: 180_000 }, async () => {
    const scene = join(data, 'jobs', 'a', 'scene.blend')
    await copyFile(await makeTestScene(), scene)
    await chmod(scene, 0o600)
    const engine = createBlenderEngine({ containment: node('auto'), logger: quietLog, probeCacheFile: join(data, 'blenders.json') })
    const place = join(data, 'scratch', 'c')
    const folders = { workFolder: join(place, 'work'), outputFolder: join(place, 'frames') }
    const task = { id: 'c', scenePath: scene, frames: [1], settings: {}, device: { kind: 'cpu' as const }, ...folders }
    const owners: number[] = []
    let last: EngineEvent | null = null
    for await (const event of engine.render(task, AbortSignal.timeout(120_000))) {
      if (event.type === 'progress') owners.push((await stat(folders.outputFolder)).uid)
      if (event.type !== 'log' && event.type !== 'progress') last = event
    }
    expect(last).toEqual({ type: 'finished', framesSaved: 1 })
    expect(owners.some((uid) => uid > readersGroup)).toBe(true)
    const [name = ''] = await readdir(folders.outputFolder)
    expect(await stat(join(folders.outputFolder, name))).toMatchObject({ uid: 0, gid: 0 })
  })

  test('where its files cannot be reached, it runs all the same, with our rights and its folders ours, and the level says so', async () => {
    const closed = await mkdtemp(join(tmpdir(), 'pictor-closed-'))
    try {
      await writeFile(join(closed, 'program'), '#!/bin/sh\nid -u; echo x > here && cat here\n', { mode: 0o700 })
      const containment = node('basic')
      expect(await containment.inWords()).toBe('basic+user+watchdog')
      const work = join(data, 'scratch', 'a')
      const tree = await containment.start({
        ...{
          name: 'try',
          command: join(closed, 'program'),
          args: [],
          cwd: work,
          folders: [work],
          env: { PATH: process.env['PATH'] ?? '' },
        },
        access: { readOnly: [], writable: [work], display: false },
      })
      const said = text(tree.stdout)
      await Promise.all([tree.exited, text(tree.stderr)])
      await tree.close()
      expect(await said).toBe('0\nx\n')
      expect(await containment.inWords()).toBe('basic+watchdog')
    } finally {
      await rm(closed, { recursive: true, force: true })
    }
  })
})

test('whose a process is is read from its status', () => {
  const status = 'Name:\tsleep\nState:\tS (sleeping)\nUid:\t60800\t60800\t60800\t60800\nGid:\t60800\t60800\t60800\t60800\n'
  expect(parseStatus(7, status)).toEqual({ pid: 7, users: [60_800, 60_800, 60_800, 60_800], group: 60_800 })
  expect(parseStatus(7, status.replace('S (sleeping)', 'Z (zombie)'))).toBeNull()
  expect(parseStatus(7, '')).toBeNull()
  // Somebody who has the number by chance: only the user is the same.
  expect(isOfRun(60_800)({ pid: 7, users: [60_800], group: 100 })).toBe(false)
})
