import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../systemClock.ts'
import { quietLog } from '../../testing/quietLog.ts'
import type { EngineSoftware } from '../engine.ts'
import { createContainment } from '../process/containment.ts'
import { makeTestScene, type TestSceneOptions } from '../testing/makeTestScene.ts'
import { pixelsOf } from '../testing/pixels.ts'
import { createTestEngine, installedBlender, type TestEngine } from '../testing/testEngine.ts'
import { prepareScene, type PreparedScene } from './prepareScene.ts'

let bench: TestEngine
let blenders: EngineSoftware[]
let root = ''
let count = 0
beforeAll(async () => {
  // Not contained: the originals link to files beyond their own folder, which a contained render rightly does not see.
  bench = await createTestEngine([], 'basic')
  blenders = await bench.engine.probe()
  root = await mkdtemp(join(tmpdir(), 'pictor-prepare-'))
})
afterAll(async () => {
  await bench.remove()
  await rm(root, { recursive: true, force: true })
})

/** A copy of a test project, so that files can be moved about it. */
const project = async (options: TestSceneOptions) => {
  const folder = join(root, String(++count), 'project')
  await cp(dirname(await makeTestScene(options)), folder, { recursive: true })
  return join(folder, 'scene.blend')
}
const prepare = async (scenePath: string, more = {}) =>
  prepareScene({
    containment: createContainment({ clock: systemClock, log: quietLog }),
    scenePath,
    workFolder: join(root, `work-${++count}`),
    blenders,
    ...more,
  })

/** What a node does: scene and files into an empty folder elsewhere. */
const unpack = async (prepared: PreparedScene) => {
  const folder = join(root, `node-${++count}`)
  await mkdir(folder)
  await cp(prepared.blendPath, join(folder, 'scene.blend'))
  for (const file of prepared.extraFiles) await cp(file.path, join(folder, file.relativePath), { recursive: true })
  return join(folder, 'scene.blend')
}
const render = async (scene: string) => {
  const events = await bench.run(bench.task(scene))
  expect(events.filter((event) => event.type === 'warning')).toEqual([])
  const saved = events.find((event) => event.type === 'frameSaved')
  return pixelsOf(saved?.path ?? '')
}
const travels = async (scene: string, names: RegExp[]) => {
  const before = await render(scene)
  const prepared = await prepare(scene)
  if (!prepared.ok) throw new Error(JSON.stringify(prepared.error))
  expect(prepared.value.extraFiles).toHaveLength(names.length)
  for (const [index, name] of names.entries()) expect(prepared.value.extraFiles[index]?.relativePath).toMatch(name)
  for (const file of prepared.value.extraFiles) {
    const bytes = await readFile(file.path)
    expect(file).toMatchObject({ sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') })
  }
  const copy = await unpack(prepared.value)
  // The original must not be what makes the copy work.
  await rm(dirname(dirname(scene)), { recursive: true })
  expect(await render(copy)).toEqual(before)
  return prepared.value
}

describe('prepareScene', () => {
  test('says what the scene is', async () => {
    const prepared = await prepare(await project({ width: 80, height: 40, samples: 3, frames: 7 }))
    const blenderVersion = (await installedBlender()).split('.').slice(0, 2).join('.')
    expect(prepared).toMatchObject({
      ok: true,
      value: {
        extraFiles: [],
        info: { blenderVersion, engine: 'CYCLES', width: 80, height: 40, samples: 3, format: 'PNG', wantsDenoiser: null },
        scene: { frameStart: 1, frameEnd: 7, isMovie: false, hasScripts: false },
      },
    })
  })

  test('view layers with samples of their own are told', async () => {
    const scene = await project({ samples: 3, layers: [0, 5] })
    expect(await prepare(scene)).toMatchObject({ value: { info: { samples: 3, layerSamples: [0, 5] } } })
    expect(await prepare(await project({ layers: [0] }))).not.toHaveProperty('value.info.layerSamples')
  })

  test('a movie will be rendered as pictures; a denoiser and scripts are named', async () => {
    expect(await prepare(await project({ format: 'FFMPEG' }))).toMatchObject({
      value: { info: { format: 'PNG' }, scene: { isMovie: true } },
    })
    expect(await prepare(await project({ denoise: true }))).toMatchObject({ value: { info: { wantsDenoiser: 'OPENIMAGEDENOISE' } } })
    expect(await prepare(await project({ denoiseNode: true }))).toMatchObject({ value: { info: { wantsDenoiser: 'OPENIMAGEDENOISE' } } })
    expect(await prepare(await project({ script: 'print(1)' }))).toMatchObject({ value: { scene: { hasScripts: true } } })
  })

  test('a texture beside the scene travels under its own path; the scene is not touched', async () => {
    const scene = await project({ texture: { path: '//tex/wood.png' } })
    const prepared = await travels(scene, [/^tex\/wood\.png$/])
    expect(prepared.blendPath).toBe(scene)
  })

  test('a packed texture needs no file', async () => {
    await travels(await project({ texture: { path: '//wood.png', packed: true } }), [])
  })

  test('a texture elsewhere travels too, and a copy of the scene finds it', async () => {
    const scene = await project({ texture: { path: '//../wood-elsewhere.png', exists: false } })
    await cp(
      join(dirname(await makeTestScene({ texture: { path: '//wood.png' } })), 'wood.png'),
      join(dirname(dirname(scene)), 'wood-elsewhere.png'),
    )
    const prepared = await travels(scene, [/^_linked\/[0-9a-f]{8}\/wood-elsewhere\.png$/])
    expect(prepared.blendPath).not.toBe(scene)
  })

  test('a library travels', async () => {
    await travels(await project({ library: { path: '//props.blend' } }), [/^props\.blend$/])
  })

  test('missing files are named', async () => {
    const scene = await project({ texture: { path: '//gone/wood.png', exists: false } })
    const missing = await prepare(scene)
    expect(missing).toMatchObject({
      ok: false,
      error: { code: 'SCENE_MISSING_FILES', details: { files: [join(dirname(scene), 'gone/wood.png')] } },
    })
    expect(await prepare(scene, { allowMissing: true })).toMatchObject({ ok: true, value: { extraFiles: [] } })
    const library = await project({ library: { path: '//props.blend' } })
    await rm(join(dirname(library), 'props.blend'))
    expect(await prepare(library)).toMatchObject({ ok: false, error: { code: 'SCENE_MISSING_FILES' } })
  })

  test('bad scenes have their code', async () => {
    expect(await prepare(join(root, 'nowhere.blend'))).toMatchObject({ ok: false, error: { code: 'SCENE_NOT_FOUND' } })
    await writeFile(join(root, 'text.blend'), 'BLEND but not quite')
    expect(await prepare(join(root, 'text.blend'))).toMatchObject({ ok: false, error: { code: 'SCENE_NOT_BLEND' } })
    const cut = await project({ compress: true })
    await truncate(cut, Math.floor((await readFile(cut)).length / 2))
    expect(await prepare(cut)).toMatchObject({ ok: false, error: { code: 'SCENE_TRUNCATED' } })
    expect(await prepare(await project({ camera: false }))).toMatchObject({ ok: false, error: { code: 'SCENE_NO_CAMERA' } })
    expect(await prepare(await project({}), { blenders: [] })).toMatchObject({ ok: false, error: { code: 'BLENDER_NOT_FOUND' } })
  })

  test('a script inside the scene does not run while it is inspected', async () => {
    const proof = join(root, 'ran')
    await prepare(await project({ script: `open(${JSON.stringify(proof)}, "w").write("x")` }))
    await expect(readFile(proof)).rejects.toThrow()
  })
})
