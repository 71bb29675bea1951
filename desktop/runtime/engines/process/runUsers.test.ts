import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../systemClock.ts'
import { quietLog } from '../../testing/quietLog.ts'
import { createBlenderEngine } from '../blender/blenderEngine.ts'
import type { EngineEvent } from '../engine.ts'
import { makeTestScene } from '../testing/makeTestScene.ts'
import { createContainment } from './containment.ts'
import { createRunBounds } from './runBounds.ts'

/** A node's data folder, as its process makes it: nobody else may look into it. */
let data: string
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'pictor-users-'))
  await chmod(data, 0o700)
  await mkdir(join(data, 'jobs', 'a'), { recursive: true, mode: 0o700 })
  await mkdir(join(data, 'scratch', 'a', 'tmp'), { recursive: true, mode: 0o700 })
  await writeFile(join(data, 'jobs', 'a', 'scene.blend'), 'scene', { mode: 0o600 })
  await writeFile(join(data, 'node.key'), 'secret', { mode: 0o600 })
})
afterEach(() => rm(data, { recursive: true, force: true }))

/** As where the kernel gives no groups: in most containers. */
const start = async (script: string, level: 'auto' | 'basic') => {
  const bounds = createRunBounds({ clock: systemClock, log: quietLog, groups: null })
  const containment = createContainment({ clock: systemClock, log: quietLog, hidden: [data], bounds, level })
  const work = join(data, 'scratch', 'a')
  const tree = await containment.start({
    ...{ name: 'try', command: '/bin/sh', args: ['-c', script], cwd: work, folders: [work], env: { PATH: process.env['PATH'] ?? '' } },
    access: { readOnly: [join(data, 'jobs', 'a')], writable: [work], display: false },
  })
  const said = text(tree.stdout)
  await Promise.all([tree.exited, text(tree.stderr)])
  await tree.close()
  return { said: await said, words: await containment.inWords(), level: tree.level }
}

// Only root can become somebody else; whoever else starts a node has no more rights than that to begin with.
describe.runIf(process.platform === 'linux' && process.getuid?.() === 0)('a run of root’s, where the kernel has no groups', () => {
  test.each(['auto', 'basic'] as const)('%s: is a user of its own, reads its scene, writes its folder and nothing else', async (level) => {
    const scene = join(data, 'jobs', 'a', 'scene.blend')
    const work = join(data, 'scratch', 'a')
    const script = [
      `id -u; id -G; cat ${scene}; echo; ulimit -p 2>/dev/null || grep processes /proc/self/limits`,
      `echo made > ${work}/tmp/out; cat ${data}/node.key 2>/dev/null && echo LEAK; echo x 2>/dev/null >> ${scene} && echo CHANGED`,
      `grep -E 'CapEff|CapPrm|CapAmb' /proc/self/status; ls ${data} 2>/dev/null | grep node.key && echo LOOKED`,
    ].join('\n')
    const { said, words } = await start(script, level)
    const [uid, groups, content] = said.split('\n')
    expect(Number(uid)).toBeGreaterThanOrEqual(60_600)
    expect([groups?.split(' ')[0], content]).toEqual(['60600', 'scene'])
    expect(said).not.toMatch(/LEAK|CHANGED|LOOKED/)
    for (const cap of said.match(/Cap\w+:\s+\w+/g) ?? []) expect(cap).toMatch(/:\s+0+$/)
    expect(await readFile(join(work, 'tmp', 'out'), 'utf8')).toBe('made\n')
    expect((await stat(join(work, 'tmp', 'out'))).uid).toBe(Number(uid))
    expect(words).toBe(`${words.split('+')[0]}+user+watchdog`)
  })

  test('the real Blender renders as such a user, from a scene that only we could read', async () => {
    const scene = join(data, 'jobs', 'a', 'scene.blend')
    await copyFile(await makeTestScene(), scene)
    await chmod(scene, 0o600)
    const bounds = createRunBounds({ clock: systemClock, log: quietLog, groups: null })
    const containment = createContainment({ clock: systemClock, log: quietLog, hidden: [data], bounds })
    const engine = createBlenderEngine({ containment, logger: quietLog, probeCacheFile: join(data, 'blenders.json') })
    const place = join(data, 'scratch', 'b')
    const folders = { workFolder: join(place, 'work'), outputFolder: join(place, 'frames') }
    const task = { id: 'b', scenePath: scene, frames: [1], settings: {}, device: { kind: 'cpu' as const }, ...folders }
    const owners: number[] = []
    let last: EngineEvent | null = null
    for await (const event of engine.render(task, AbortSignal.timeout(120_000))) {
      if (event.type === 'frameSaved') owners.push((await stat(event.path)).uid)
      if (event.type !== 'log' && event.type !== 'progress') last = event
    }
    expect([last, owners]).toEqual([{ type: 'finished', framesSaved: 1 }, [60_600]])
  }, 180_000)

  test('what it leaves behind ends with it, and the next one may have its number', async () => {
    const left = await start('setsid sleep 300 >/dev/null 2>&1 & echo $!; id -u', 'basic')
    const [pid, uid] = left.said.split('\n').map(Number)
    // Ended; who looks after orphans may not have seen it yet.
    await vi.waitFor(async () => expect(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z ')).toMatch(/\) Z /), {
      timeout: 10_000,
    })
    expect(Number((await start('id -u', 'basic')).said)).toBe(uid)
  })

  test('where its files cannot be reached, it runs all the same, with our rights', async () => {
    const closed = await mkdtemp(join(tmpdir(), 'pictor-closed-'))
    try {
      await writeFile(join(closed, 'program'), '#!/bin/sh\nid -u\n', { mode: 0o700 })
      const containment = createContainment({
        ...{ clock: systemClock, log: quietLog, hidden: [data], level: 'basic' },
        bounds: createRunBounds({ clock: systemClock, log: quietLog, groups: null }),
      })
      const work = join(data, 'scratch', 'a')
      const tree = await containment.start({
        ...{ name: 'try', command: join(closed, 'program'), args: [], cwd: work, folders: [work], env: {} },
        access: { readOnly: [], writable: [work], display: false },
      })
      const said = text(tree.stdout)
      await Promise.all([tree.exited, text(tree.stderr)])
      await tree.close()
      expect(await said).toBe('0\n')
    } finally {
      await rm(closed, { recursive: true, force: true })
    }
  })
})
