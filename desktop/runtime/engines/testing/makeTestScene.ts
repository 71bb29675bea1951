import { createHash } from 'node:crypto'
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { durations } from '#shared/durations.ts'
import { systemClock } from '../../systemClock.ts'
import { quietLog } from '../../testing/quietLog.ts'
import { runScript } from '../blender/runScript.ts'
import { createContainment } from '../process/containment.ts'
import { testSceneScript } from './testSceneScript.ts'

export interface TestSceneOptions {
  width?: number
  height?: number
  samples?: number
  frames?: number
  engine?: 'CYCLES' | 'BLENDER_EEVEE' | 'BLENDER_WORKBENCH'
  /** About how long a frame takes on one slow core (Cycles only); sets size and samples unless they are given. */
  secondsPerFrame?: number
  camera?: boolean
  denoise?: boolean
  /** A Denoise node in the compositor. */
  denoiseNode?: boolean
  format?: 'PNG' | 'JPEG' | 'OPEN_EXR' | 'OPEN_EXR_MULTILAYER' | 'TIFF' | 'BMP' | 'FFMPEG'
  compress?: boolean
  /** An image the scene links to, by its path in the scene ("//wood.png", "//../wood.png", "/abs/wood.png"). */
  texture?: { path: string; exists?: boolean; packed?: boolean }
  /** A .blend beside the scene that an object is linked from. */
  library?: { path: string }
  /** Python inside the scene that wants to run when it is opened. */
  script?: string
  stereo?: boolean
  /** The part that is rendered and cut out: left, right, bottom, top as fractions. */
  crop?: [number, number, number, number]
  /** Samples of each view layer, 0: the scene's. */
  layers?: number[]
  /** Folder of a File Output node in the compositor. */
  fileOutput?: string
}

/** Samples that a slow core gets through in a second at 160 × 90; only roughly, tests must not depend on it. */
const samplesPerSecond = 120

/**
 * Writes a small scene for tests with the Blender on PATH and gives its path. Each kind of scene is made once per computer and
 * kept in the system's temporary folder; processes that make the same at once do not disturb each other.
 * The folder `…/project` holds the scene as `scene.blend`; never change it, copy it.
 */
export async function makeTestScene(wanted: TestSceneOptions = {}): Promise<string> {
  const seconds = wanted.secondsPerFrame
  const base =
    seconds === undefined
      ? { width: 64, height: 36, samples: 1 }
      : { width: 160, height: 90, samples: Math.max(1, Math.round(seconds * samplesPerSecond)) }
  const { secondsPerFrame: _seconds, ...given } = wanted
  const defaults = {
    ...base,
    frames: 5,
    engine: 'CYCLES',
    camera: true,
    denoise: false,
    denoiseNode: false,
    format: 'PNG',
    compress: false,
    stereo: false,
  }
  const options = { ...defaults, ...given }
  const key = createHash('sha256').update(testSceneScript).update(JSON.stringify(options)).digest('hex').slice(0, 20)
  const folder = join(tmpdir(), 'pictor-test-scenes', key)
  const scene = join(folder, 'project', 'scene.blend')
  if (!(await exists(scene))) await build(options, folder, scene)
  return scene
}

async function build(options: Pick<TestSceneOptions, 'texture' | 'library'>, folder: string, scene: string): Promise<void> {
  const parent = join(tmpdir(), 'pictor-test-scenes')
  await mkdir(parent, { recursive: true })
  const making = await mkdtemp(join(parent, 'making-'))
  try {
    const project = join(making, 'project')
    await mkdir(project)
    const inside = (path: string) => (path.startsWith('//') ? posix.join(project, path.slice(2)) : path)
    const texture = options.texture && { exists: true, packed: false, ...options.texture, absolute: inside(options.texture.path) }
    const library = options.library && { ...options.library, absolute: inside(options.library.path) }
    const config = {
      options: {
        script: null,
        fileOutput: null,
        ...options,
        texture: texture ?? null,
        library: library ?? null,
        file: join(project, 'scene.blend'),
      },
    }
    const made = await runScript({
      // Ours, and it writes what the test wants where the test wants it.
      containment: createContainment({ clock: systemClock, log: quietLog, level: 'basic' }),
      program: 'blender',
      blenderVersion: '0',
      scripts: [testSceneScript],
      config,
      timeoutMs: durations.inspectTimeoutMs,
    })
    if (!made.ok) throw new Error(`the test scene was not made: ${made.error.message} ${JSON.stringify(made.error.details)}`)
    await rename(making, folder)
  } catch (error) {
    // Another process was quicker: its scene is as good.
    if (!(await exists(scene))) throw error
  } finally {
    await rm(making, { recursive: true, force: true })
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
