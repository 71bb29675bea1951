import { execFile } from 'node:child_process'
import { mkdir, readFile, truncate, copyFile, writeFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { isAlive } from '../../testing/isAlive.ts'
import type { EngineEvent, EngineTask } from '../engine.ts'
import { makeTestScene } from '../testing/makeTestScene.ts'
import { createFakeBlender } from '../testing/fakeBlender.ts'
import { createTestEngine, installedBlender, type TestEngine } from '../testing/testEngine.ts'

let bench: TestEngine
beforeAll(async () => void (bench = await createTestEngine()))
afterAll(() => bench.remove())

const failureOf = async (task: EngineTask, engine = bench) => (await engine.run(task)).at(-1)
const pidsWith = async (text: string) => {
  const { stdout } = await promisify(execFile)('pgrep', ['-f', text]).catch(() => ({ stdout: '' }))
  return stdout.split('\n').filter(Boolean).map(Number)
}

describe('each failure has its code and says whose it is', () => {
  test('no such file', async () => {
    expect(await failureOf(bench.task('/nowhere/scene.blend'))).toMatchObject({
      type: 'failed',
      error: { code: 'SCENE_NOT_FOUND' },
      fault: 'user',
    })
  })
  test('not a .blend', async () => {
    const scene = join(bench.folder, 'notes.blend')
    await writeFile(scene, 'these are notes')
    expect(await failureOf(bench.task(scene))).toMatchObject({ error: { code: 'SCENE_NOT_BLEND' }, fault: 'scene' })
  })
  test.each([false, true])('a scene that was cut off (compressed: %s)', async (compress) => {
    const scene = join(bench.folder, `cut-${compress}.blend`)
    await copyFile(await makeTestScene({ compress }), scene)
    const size = (await readFile(scene)).length
    await truncate(scene, Math.floor(size * 0.6))
    expect(await failureOf(bench.task(scene))).toMatchObject({ error: { code: 'SCENE_TRUNCATED' }, fault: 'scene' })
  })
  test('a scene of a newer Blender', async () => {
    const scene = join(bench.folder, 'newer.blend')
    const bytes = await readFile(await makeTestScene())
    // Three digits in the header, or four since 5.0.
    const version = /(?<=v)\d+/.exec(bytes.toString('latin1', 0, 17))
    bytes.write('9'.repeat(version?.[0].length ?? 0), version?.index ?? 0, 'latin1')
    await writeFile(scene, bytes)
    expect(await failureOf(bench.task(scene))).toMatchObject({
      error: {
        code: 'SCENE_NEWER_THAN_BLENDER',
        details: { sceneVersion: expect.stringMatching(/^9+\.99$/), bestInstalled: await installedBlender() },
      },
      fault: 'node',
    })
  })
  test('no camera', async () => {
    expect(await failureOf(bench.task(await makeTestScene({ camera: false })))).toMatchObject({
      error: { code: 'SCENE_NO_CAMERA' },
      fault: 'scene',
    })
  })
  test('a denoiser that this build lacks', async () => {
    expect(await failureOf(bench.task(await makeTestScene({ denoise: true })))).toMatchObject({
      error: { code: 'SCENE_NEEDS_DENOISER' },
      fault: 'node',
    })
  })
  test('a denoiser in the compositor that this build lacks: it would silently do nothing', async () => {
    expect(await failureOf(bench.task(await makeTestScene({ denoiseNode: true })))).toMatchObject({
      error: { code: 'SCENE_NEEDS_DENOISER' },
      fault: 'node',
    })
  })
  test('an engine that is not there', async () => {
    const task = bench.task(await makeTestScene(), { settings: { engine: 'LUXCORE' } })
    expect(await failureOf(task)).toMatchObject({ error: { code: 'SCENE_ENGINE_UNKNOWN', details: { engine: 'LUXCORE' } }, fault: 'scene' })
  })
  test('a card that is not there: no silent fall to the CPU', async () => {
    const task = bench.task(await makeTestScene(), { device: { kind: 'gpu' } })
    expect(await failureOf(task)).toMatchObject({ error: { code: 'DEVICE_FELL_BACK' }, fault: 'node' })
  })
  test('an output folder that cannot be', async () => {
    const file = join(bench.folder, 'a-file')
    await writeFile(file, '')
    expect(await failureOf(bench.task(await makeTestScene(), { outputFolder: join(file, 'x') }))).toMatchObject({
      error: { code: 'OUTPUT_UNWRITABLE' },
    })
  })
  test('an output folder that goes away while rendering', async () => {
    const task = bench.task(await makeTestScene({ secondsPerFrame: 1 }))
    const events = await bench.run(task, (event) => {
      if (event.type === 'frameStarted') void rm(task.outputFolder, { recursive: true }).then(() => writeFile(task.outputFolder, ''))
    })
    expect(events.at(-1)).toMatchObject({ error: { code: 'OUTPUT_UNWRITABLE' }, fault: 'node' })
  })
  test('a missing texture is named and the frame still rendered', async () => {
    const events = await bench.run(bench.task(await makeTestScene({ texture: { path: '//gone.png', exists: false } })))
    const warning = events.find((event) => event.type === 'warning')
    expect(warning).toMatchObject({ warning: { code: 'SCENE_MISSING_FILES' } })
    expect(JSON.stringify(warning)).toContain('gone.png')
    expect(events.at(-1)).toEqual({ type: 'finished', framesSaved: 1 })
  })
  test('killed from outside', async () => {
    const task = bench.task(await makeTestScene({ secondsPerFrame: 20 }))
    const events = await bench.run(task, (event) => {
      if (event.type === 'frameStarted') void pidsWith(task.workFolder).then((pids) => pids.forEach((pid) => process.kill(pid, 'SIGKILL')))
    })
    expect(events.at(-1)).toMatchObject({
      type: 'failed',
      error: { code: 'BLENDER_CRASHED', details: { reason: 'SIGKILL', frame: 1 } },
      fault: 'node',
    })
  })
})

/** Not contained: the tests look at the processes from outside, by the numbers that they print. */
const fakeBlender = (body: string) => createFakeBlender(bench.folder, body, 'basic')

describe('processes', () => {
  test('cancelling ends a real render and its process', async () => {
    const abort = new AbortController()
    const task = bench.task(await makeTestScene({ secondsPerFrame: 60 }))
    const events = await bench.run(task, (event) => event.type === 'frameStarted' && abort.abort(), abort.signal)
    expect(events.at(-1)).toEqual({ type: 'cancelled' })
    expect(await pidsWith(task.workFolder)).toEqual([])
  })

  test('the whole tree dies on cancel even if it ignores SIGTERM', async () => {
    const place = await fakeBlender(`
      trap '' TERM HUP INT
      bash -c 'trap "" TERM HUP INT; echo "child $$"; while true; do sleep 1; done' &
      echo "parent $$"
      while true; do sleep 1; done`)
    const abort = new AbortController()
    const pids: number[] = []
    const task = place.task(await makeTestScene())
    const events = await place.run(
      task,
      (event) => {
        if (event.type !== 'log') return
        const pid = /(?:child|parent) (\d+)/.exec(event.line)?.[1]
        if (pid) pids.push(Number(pid))
        if (pids.length === 2) abort.abort()
      },
      abort.signal,
    )
    expect(events.at(-1)).toEqual({ type: 'cancelled' })
    expect(pids).toHaveLength(2)
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 10_000 })
    await place.remove()
  })

  test('a child that outlives its parent is ended with it', async () => {
    const place = await fakeBlender(`(trap '' TERM; while true; do sleep 1; done) & echo "left $!"; exit 0`)
    let left = 0
    const events = await place.run(place.task(await makeTestScene()), (event) => {
      if (event.type === 'log') left = Number(/left (\d+)/.exec(event.line)?.[1] ?? left)
    })
    expect(events.at(-1)).toMatchObject({ type: 'failed', error: { code: 'BLENDER_NO_IMAGE', details: { frame: 1 } } })
    expect(left).toBeGreaterThan(0)
    await vi.waitFor(() => expect(isAlive(left)).toBe(false), { timeout: 10_000 })
    await place.remove()
  })

  test('a Blender that falls silent is ended', async () => {
    const place = await fakeBlender('echo hello; while true; do sleep 1; done')
    const task = place.task(await makeTestScene(), { silenceMs: 300 })
    expect(await failureOf(task, place)).toMatchObject({ type: 'failed', error: { code: 'BLENDER_TIMED_OUT' }, fault: 'node' })
    await place.remove()
  })

  test.each([
    ['echo "terminate called after throwing an instance of \'std::bad_alloc\'"; kill -ABRT $$', 'OUT_OF_MEMORY'],
    ['echo "CUDA error: Out of memory in cuMemAlloc(&device_pointer, size)" >&2; exit 0', 'GPU_OUT_OF_MEMORY'],
    ['kill -SEGV $$', 'BLENDER_CRASHED'],
    ['exit 0', 'BLENDER_NO_IMAGE'],
    ['echo "Error: something new"; exit 1', 'BLENDER_FAILED'],
    ['echo "Traceback (most recent call last):"; exit 3', 'BLENDER_SCRIPT_ERROR'],
  ])('%s gives its code', async (body, code) => {
    const place = await fakeBlender(body)
    expect(await failureOf(place.task(await makeTestScene()), place)).toMatchObject({ type: 'failed', error: { code } })
    await place.remove()
  })

  test('a bubblewrap that refuses at the last moment costs containment, not the render', async () => {
    const tools = join(bench.folder, 'tools')
    await mkdir(tools)
    await writeFile(
      join(tools, 'bwrap'),
      '#!/bin/sh\nfor last; do :; done\n[ "$last" = true ] && exit 0\necho "bwrap: No permissions to create new namespace" >&2\nexit 1\n',
      { mode: 0o755 },
    )
    const path = process.env['PATH'] ?? ''
    process.env['PATH'] = `${tools}:${path}`
    try {
      const place = await createTestEngine()
      expect(await place.engine.containment.level()).toBe('bubblewrap')
      expect(await failureOf(place.task(await makeTestScene()), place)).toEqual({ type: 'finished', framesSaved: 1 })
      expect(await place.engine.containment.level()).toBe('basic')
      await place.remove()
    } finally {
      process.env['PATH'] = path
    }
  })

  test('pausing stops the work in place; resuming goes on to the end', async () => {
    const task = bench.task(await makeTestScene({ secondsPerFrame: 2 }), { frames: [1, 2], silenceMs: 60_000 })
    const run = bench.engine.render(task, new AbortController().signal)
    const events: EngineEvent[] = []
    let states: string[] = []
    for await (const event of run) {
      events.push(event)
      if (event.type !== 'frameStarted' || event.frame !== 1) continue
      run.pause()
      const pids = await pidsWith(task.workFolder)
      // The signal reaches a program that runs on another core a moment later.
      await vi.waitFor(
        async () => {
          states = await Promise.all(
            pids.map(async (pid) => /State:\s+(\w)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? ''),
          )
          expect(new Set(states)).toEqual(new Set(['T']))
        },
        { timeout: 10_000 },
      )
      run.resume()
    }
    expect(states.length).toBeGreaterThan(0)
    expect(new Set(states)).toEqual(new Set(['T']))
    expect(events.at(-1)).toEqual({ type: 'finished', framesSaved: 2 })
  })

  test('a paused render can be cancelled', async () => {
    const abort = new AbortController()
    const task = bench.task(await makeTestScene({ secondsPerFrame: 30 }))
    const run = bench.engine.render(task, abort.signal)
    let end: EngineEvent | undefined
    for await (const event of run) {
      end = event
      if (event.type !== 'frameStarted') continue
      run.pause()
      abort.abort()
    }
    expect(end).toEqual({ type: 'cancelled' })
    expect(await pidsWith(task.workFolder)).toEqual([])
  })

  test('leaving the loop early ends the render', async () => {
    const task = bench.task(await makeTestScene({ secondsPerFrame: 30 }))
    for await (const event of bench.engine.render(task, new AbortController().signal)) if (event.type === 'frameStarted') break
    await vi.waitFor(async () => expect(await pidsWith(task.workFolder)).toEqual([]), { timeout: 15_000, interval: 100 })
  })
})

describe('a Blender that needs a display', () => {
  test('gets one of our own, for this and the next render, and it is gone afterwards', async () => {
    const place = await fakeBlender(
      'if [ -z "$DISPLAY" ]; then echo "Unable to open a display" >&2; kill -ABRT $$; fi; echo "drawing on $DISPLAY"; exec /usr/bin/blender "$@"',
    )
    const scene = await makeTestScene({ engine: 'BLENDER_EEVEE' })
    const lines: string[] = []
    const note = (event: EngineEvent) => event.type === 'log' && lines.push(event.line)
    expect((await place.run(place.task(scene), note)).at(-1)).toEqual({ type: 'finished', framesSaved: 1 })
    expect(lines.filter((line) => line === 'Unable to open a display')).toHaveLength(1)
    expect((await place.run(place.task(scene), note)).at(-1)).toEqual({ type: 'finished', framesSaved: 1 })
    expect(lines.filter((line) => line === 'Unable to open a display')).toHaveLength(1)
    expect(lines.filter((line) => line.startsWith('drawing on :'))).toHaveLength(2)
    for (const line of lines.filter((one) => one.startsWith('drawing on :'))) {
      await vi.waitFor(async () => expect(await pidsWith(`Xvfb ${line.slice(11)}`)).toEqual([]))
    }
    await place.remove()
  }, 120_000)
})
