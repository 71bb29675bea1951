import { execFile } from 'node:child_process'
import { access, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EngineEvent, EngineRun } from '../engine.ts'
import { verifyFrame } from '../images/verifyFrame.ts'
import { makeTestScene } from '../testing/makeTestScene.ts'
import { pixelsOf } from '../testing/pixels.ts'
import { createTestEngine, installedBlender, type TestEngine } from '../testing/testEngine.ts'

let test_: TestEngine
beforeAll(async () => void (test_ = await createTestEngine()))
afterAll(() => test_.remove())

const last = (events: EngineEvent[]) => events.at(-1)
const savedIn = (events: EngineEvent[]) => events.flatMap((event) => (event.type === 'frameSaved' ? [event.frame] : []))
const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

describe('a render', () => {
  test('reports each frame at once, in order, with files that verify', async () => {
    const task = test_.task(await makeTestScene(), { frames: [5, 1, 2] })
    const events = await test_.run(task)
    expect(events.map((event) => event.type)).toEqual(['started', ...[1, 2, 5].flatMap(() => ['frameStarted', 'frameSaved']), 'finished'])
    expect(savedIn(events)).toEqual([1, 2, 5])
    expect(events[0]).toMatchObject({
      blenderVersion: await installedBlender(),
      engine: 'CYCLES',
      device: 'CPU',
      samples: 1,
      expectation: { format: 'PNG', width: 64, height: 36 },
    })
    for (const event of events) {
      if (event.type !== 'frameSaved') continue
      expect(await verifyFrame(event.path, event.expectation)).toMatchObject({ ok: true, value: { width: 64, height: 36, format: 'PNG' } })
    }
    expect(await readdir(task.outputFolder)).toEqual(['frame_000001.png', 'frame_000002.png', 'frame_000005.png'])
    expect(await exists(task.workFolder)).toBe(false)
  })

  test('tells progress, memory and the log', async () => {
    const all: EngineEvent[] = []
    await test_.run(test_.task(await makeTestScene({ samples: 64, width: 160, height: 90 })), (event) => all.push(event))
    const progress = all.filter((event) => event.type === 'progress')
    expect(progress.some((event) => event.samples === 64 && (event.sample ?? 0) > 0)).toBe(true)
    expect(progress.every((event) => event.frame === 1)).toBe(true)
    expect(progress.some((event) => (event.memMiB ?? 0) > 0 && (event.peakMiB ?? 0) > 0)).toBe(true)
    expect(all.some((event) => event.type === 'log' && event.line.includes('Saved: '))).toBe(true)
    expect(all.some((event) => event.type === 'log' && event.line.includes('PICTOR-'))).toBe(false)
  })

  test('a render that takes more memory than its owner allows ends with that reason, and nothing of it is left', async () => {
    const task = test_.task(await makeTestScene({ samples: 4_000, width: 640, height: 360 }), { limits: { ramMiB: 40 } })
    const events = await test_.run(task)
    expect(last(events)).toMatchObject({ type: 'failed', fault: 'node', error: { code: 'RAM_LIMIT', details: { limit: '0.0 GiB' } } })
    expect(await exists(task.workFolder)).toBe(false)
  })

  test('settings of the task override those of the scene', async () => {
    const settings = { width: 40, height: 20, samples: 2, format: 'TIFF' } as const
    const events = await test_.run(test_.task(await makeTestScene(), { settings }))
    const saved = events.find((event) => event.type === 'frameSaved')
    expect(saved && (await verifyFrame(saved.path, { frame: 1, format: 'TIFF', width: 40, height: 20 }))).toMatchObject({ ok: true })
    expect(events[0]).toMatchObject({ samples: 2 })
    // What a view layer has of its own is not overridden, but said.
    const layered = await test_.run(test_.task(await makeTestScene({ layers: [0, 3] }), { settings }))
    expect(layered[0]).toMatchObject({ samples: 2, layerSamples: [0, 3] })
  })

  test('a folder with spaces, umlauts, braces and hashes is no problem', async () => {
    const folder = join(test_.folder, "Främe #1 {x} 'y'")
    const scene = join(folder, 'Szene # {1}.blend')
    await mkdir(folder, { recursive: true })
    await copyFile(await makeTestScene(), scene)
    const events = await test_.run(test_.task(scene, { outputFolder: join(folder, 'out #'), workFolder: join(folder, 'work') }))
    expect(last(events)).toEqual({ type: 'finished', framesSaved: 1 })
    expect(await readdir(join(folder, 'out #'))).toEqual(['frame_000001.png'])
  })

  test('an older picture of the same name is never taken for the new one', async () => {
    const task = test_.task(await makeTestScene({ camera: false }))
    await mkdir(task.outputFolder, { recursive: true })
    await writeFile(join(task.outputFolder, 'frame_000001.png'), 'old')
    const events = await test_.run(task)
    expect(last(events)).toMatchObject({ type: 'failed' })
    expect(savedIn(events)).toEqual([])
    expect(await exists(join(task.outputFolder, 'frame_000001.png'))).toBe(false)
  })
})

describe('what travels as one picture a frame', () => {
  const changes = (events: EngineEvent[]) =>
    events.flatMap((event) =>
      event.type === 'warning' && event.warning.code === 'SCENE_OUTPUT_CHANGED' ? [event.warning.details?.['what']] : [],
    )

  test('a movie becomes pictures', async () => {
    const events = await test_.run(test_.task(await makeTestScene({ format: 'FFMPEG' }), { frames: [1, 2] }))
    expect(changes(events)).toEqual(['format'])
    expect(savedIn(events)).toEqual([1, 2])
    expect(events.find((event) => event.type === 'started')).toMatchObject({ expectation: { format: 'PNG' } })
  })

  test('a format that we do not check becomes PNG', async () => {
    const events = await test_.run(test_.task(await makeTestScene({ format: 'BMP' })))
    expect(changes(events)).toEqual(['format'])
    expect(last(events)).toEqual({ type: 'finished', framesSaved: 1 })
  })

  test.each([
    ['PNG' as const, 128],
    ['OPEN_EXR' as const, 64],
  ])('stereo in %s is one file with both views', async (format, width) => {
    const events = await test_.run(test_.task(await makeTestScene({ stereo: true, format })))
    expect(changes(events)).toEqual(['views'])
    expect(events.find((event) => event.type === 'started')).toMatchObject({ rendered: { views: 2 }, expectation: { width, height: 36 } })
    const saved = events.find((event) => event.type === 'frameSaved')
    expect(saved && (await verifyFrame(saved.path, saved.expectation))).toMatchObject({ ok: true, value: { width, height: 36 } })
  })

  test.each([
    [0.25, 0.75, 0.25, 0.75],
    [0.1, 0.7, 0.3, 0.9],
    [0.333, 0.667, 0.015, 0.985],
  ] as const)('what is cut out of the frame (%d to %d, %d to %d) has the size that is told before', async (...crop) => {
    const scene = await makeTestScene({ crop: [...crop], width: 70, height: 50 })
    const events = await test_.run(test_.task(scene))
    const saved = events.find((event) => event.type === 'frameSaved')
    expect(saved?.expectation.width).toBeLessThan(70)
    expect(saved && (await verifyFrame(saved.path, saved.expectation))).toMatchObject({ ok: true })
  })

  test('files of compositor nodes are not written anywhere', async () => {
    const folder = join(test_.folder, 'nodes')
    const events = await test_.run(test_.task(await makeTestScene({ fileOutput: folder })))
    expect(changes(events)).toEqual(['fileOutputNodes'])
    expect(last(events)).toEqual({ type: 'finished', framesSaved: 1 })
    expect(await exists(folder)).toBe(false)
  })
})

describe('pixels are those of a bare Blender', () => {
  const bare = async (scene: string, format: 'PNG' | 'OPEN_EXR') => {
    const extension = format === 'PNG' ? 'png' : 'exr'
    const out = join(test_.folder, `bare-${format}-`)
    await promisify(execFile)('blender', ['-b', '--factory-startup', scene, '-o', `${out}####`, '-F', format, '-x', '1', '-f', '2'])
    return `${out}0002.${extension}`
  }
  test.each([
    { engine: 'CYCLES', format: 'PNG' },
    { engine: 'CYCLES', format: 'OPEN_EXR' },
    { engine: 'BLENDER_EEVEE', format: 'PNG' },
    { engine: 'BLENDER_EEVEE', format: 'OPEN_EXR' },
    { engine: 'BLENDER_WORKBENCH', format: 'PNG' },
  ] as const)(
    '$engine, $format',
    async ({ engine, format }) => {
      const scene = await makeTestScene({ engine, format, samples: 4, ...(engine === 'CYCLES' ? { texture: { path: '//wood.png' } } : {}) })
      const events = await test_.run(test_.task(scene, { frames: [2] }))
      const saved = events.find((event) => event.type === 'frameSaved')
      expect(last(events)).toEqual({ type: 'finished', framesSaved: 1 })
      const [ours, theirs] = [await pixelsOf(saved?.path ?? ''), await pixelsOf(await bare(scene, format))]
      expect(ours.samples.length).toBeGreaterThan(64 * 36)
      expect(new Set(Array.from(ours.samples)).size).toBeGreaterThan(20)
      expect(ours).toEqual(theirs)
    },
    120_000,
  )
})

describe('hostile scenes', () => {
  test('a script inside the scene does not run, and a warning says so', async () => {
    const proof = join(test_.folder, 'ran')
    const events = await test_.run(test_.task(await makeTestScene({ script: `open(${JSON.stringify(proof)}, "w").write("x")` })))
    expect(last(events)).toEqual({ type: 'finished', framesSaved: 1 })
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'warning', warning: expect.objectContaining({ code: 'SCENE_SCRIPTS_OFF' }) }),
    )
    expect(await exists(proof)).toBe(false)
  })

  test('Blender gets a home of its own and nothing of our environment', async () => {
    process.env['PICTOR_SECRET_FOR_TEST'] = 'do not leak'
    try {
      const program = join(test_.folder, 'blender-env')
      await writeFile(program, `#!/bin/sh\nenv > "${program}.txt"\nexec /usr/bin/blender "$@"\n`, { mode: 0o755 })
      const other = await createTestEngine([program], 'basic')
      const task = other.task(await makeTestScene())
      const software = (await other.engine.probe()).filter(({ path }) => path === program)
      expect(software).toMatchObject([{ version: await installedBlender(), path: program }])
      await other.run(task)
      const environment = await readFile(`${program}.txt`, 'utf8')
      expect(environment).not.toContain('do not leak')
      expect(environment).toMatch(/^HOME=.*\/work\/home$/m)
      expect(environment).toMatch(/^OCIO=$/m)
      await other.remove()
    } finally {
      delete process.env['PICTOR_SECRET_FOR_TEST']
    }
  })
})

test('probe: version, engines, devices, denoisers', async () => {
  const software = await test_.engine.probe()
  expect(software).toContainEqual(
    expect.objectContaining({ kind: 'blender', version: await installedBlender(), devices: ['CPU'], denoisers: [] }),
  )
  // EEVEE has another name from 4.2 to 4.5.
  expect(software[0]?.engines).toEqual(
    expect.arrayContaining(['CYCLES', expect.stringMatching(/^BLENDER_EEVEE(_NEXT)?$/), 'BLENDER_WORKBENCH']),
  )
  expect(dirname(software[0]?.path ?? '')).toBe('/usr/bin')
})

describe('told that no other frame may begin', () => {
  const render = async (frames: number[], onEvent: (run: EngineRun, event: EngineEvent) => void, before: (run: EngineRun) => void) => {
    const run = test_.engine.render(test_.task(await makeTestScene({ samples: 16 }), { frames }), new AbortController().signal)
    const events: EngineEvent[] = []
    before(run)
    for await (const event of run) {
      events.push(event)
      onEvent(run, event)
    }
    return { events, begun: events.flatMap((event) => (event.type === 'frameStarted' ? [event.frame] : [])) }
  }
  const nothing = () => undefined

  test('it ends by itself, without having begun one', async () => {
    const { events, begun } = await render([1, 2], nothing, (run) => run.finishFrame())
    expect(begun).toEqual([])
    expect(last(events)).toEqual({ type: 'cancelled' })
  })

  test('what it has begun by then is saved', async () => {
    const onEvent = (run: EngineRun, event: EngineEvent) => void (event.type === 'frameStarted' && run.finishFrame())
    const { events, begun } = await render([1, 2, 3, 4, 5, 6, 7, 8], onEvent, nothing)
    expect(savedIn(events)).toEqual(begun)
    expect(begun[0]).toBe(1)
  })

  test('and may go on when the word is taken back in time', async () => {
    const { events } = await render([1, 2], nothing, (run) => {
      run.finishFrame()
      run.goOn()
    })
    expect(last(events)).toEqual({ type: 'finished', framesSaved: 2 })
  })
})
