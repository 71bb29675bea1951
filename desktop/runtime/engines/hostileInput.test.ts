import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AppError } from '#shared/errors/appError.ts'
import { systemClock } from '../systemClock.ts'
import { quietLog } from '../testing/quietLog.ts'
import { runScript } from './blender/runScript.ts'
import { createContainment } from './process/containment.ts'
import { createMemoryGuard } from './process/memoryGuard.ts'
import { createRunBounds, type Bounds } from './process/runBounds.ts'
import { createUpscaleEngine } from './upscale/upscaleEngine.ts'

/**
 * The other programs that open what strangers made: the look into a scene, and the upscaler. As in blender/hostileScenes.test.ts a program of bash
 * stands in for what would have been taken over.
 */
const mib = 1024 ** 2
const bounds: Bounds = { memoryBytes: 300 * mib, processes: 20, tasks: 120, disk: { bytes: 20 * mib, entries: 200 }, printedBytes: 8 * mib }

let folder = ''
let data = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictor-hostile-input-'))
  data = join(folder, 'data')
  for (const name of ['data', 'scene', 'elsewhere']) await mkdir(join(folder, name))
  await writeFile(join(data, 'node.key'), 'the secret of the node')
  await writeFile(join(folder, 'scene', 'scene.blend'), 'the scene')
  await writeFile(join(folder, 'elsewhere', 'wood.png'), 'the texture')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const containment = () =>
  createContainment({
    ...{ clock: systemClock, log: quietLog, hidden: [data] },
    bounds: createRunBounds({ clock: systemClock, log: quietLog, bounds }),
  })
const programOf = async (body: string) => {
  const place = await mkdtemp(join(folder, 'program-'))
  await writeFile(join(place, 'blender'), `#!/bin/bash\n${body}\n`, { mode: 0o755 })
  return { command: join(place, 'blender'), folder: place }
}

type Play = (body: string) => Promise<{ error: AppError | null; said: string }>

const look: Play = async (body) => {
  const { command } = await programOf(body)
  const asked = await runScript({
    ...{ containment: containment(), program: command, blenderVersion: '3.4.1', scenePath: join(folder, 'scene', 'scene.blend') },
    ...{ scripts: [], timeoutMs: 60_000 },
  })
  const log = asked.ok ? null : asked.error.details?.['log']
  return { error: asked.ok ? null : asked.error, said: typeof log === 'string' ? log : '' }
}

const upscale: Play = async (body) => {
  const { command, folder: place } = await programOf(body)
  const engine = createUpscaleEngine({
    ...{
      logger: quietLog,
      program: { command, args: [], folders: [place], containable: true },
      probeCacheFile: join(folder, 'probe.json'),
    },
    ...{ containment: containment(), memory: createMemoryGuard({ clock: systemClock }) },
  })
  const image = { frame: 1, path: join(folder, 'scene', 'scene.blend'), name: 'a.png', width: 8, height: 8 }
  const task = {
    ...{ id: 'hostile', scenePath: '', frames: [1], images: [image], settings: { scale: 2 as const }, device: { kind: 'cpu' as const } },
    ...{ outputFolder: join(place, 'out'), workFolder: join(place, 'work') },
  }
  const lines: string[] = []
  let error: AppError | null = null
  for await (const event of engine.render(task, new AbortController().signal)) {
    if (event.type === 'log') lines.push(event.line)
    if (event.type === 'failed') error = event.error
  }
  return { error, said: lines.join('\n') }
}

describe.each<[string, Play]>([
  ['the look into a scene', look],
  ['the upscaler', upscale],
])('%s', (what, play) => {
  test.each([
    ['starts processes without end', 'for i in $(seq 500); do sleep 60 & done; wait', 'SCENE_STARTS_PROCESSES'],
    ['fills the memory', `python3 -c "kept = []\nwhile True: kept.append(b'1' * 20000000)"`, 'OUT_OF_MEMORY'],
    ['fills the disk', 'while :; do head -c 2000000 /dev/zero >> filled; sleep 0.05; done', 'SCENE_FILLS_DISK'],
    ['prints without end', 'yes "the same line again and again"', 'SCENE_PRINTS_TOO_MUCH'],
  ])('that %s is ended and named', { timeout: 120_000 }, async (_what, body, code) => {
    expect((await play(body)).error).toMatchObject({ code })
  })

  test('cannot write, call or see the key of the node', { timeout: 60_000 }, async () => {
    let calls = 0
    const server = createServer((socket) => void (calls++, socket.end()))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const { error, said } = await play(`
      cat "${folder}/scene/scene.blend"; echo
      cat "${folder}/elsewhere/wood.png"; echo
      cat "${data}/node.key"
      echo mine > "${folder}/elsewhere/written"
      echo changed > "${folder}/scene/scene.blend"
      echo changed > "${data}/node.key"
      (exec 3<>/dev/tcp/127.0.0.1/${port} && echo connected)
      kill -9 ${process.pid} && echo "reached the node"
      exit 3`)
    server.close()
    expect(error).not.toBeNull()
    if ((await containment().level()) === 'basic') return
    expect(said).toMatch(/the scene/)
    expect(said).not.toMatch(/the secret of the node|connected\n|reached the node/)
    expect(calls).toBe(0)
    expect(await readdir(join(folder, 'elsewhere'))).toEqual(['wood.png'])
    expect(await readFile(join(folder, 'scene', 'scene.blend'), 'utf8')).toBe('the scene')
    expect(await readFile(join(data, 'node.key'), 'utf8')).toBe('the secret of the node')
    // A scene of one's own links to files anywhere; who upscales a stranger's picture sees nothing but it.
    expect(/the texture/.test(said)).toBe(what === 'the look into a scene')
  })
})
