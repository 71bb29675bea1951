import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Logger } from '#shared/log.ts'
import { createBlenderEngine, type BlenderEngine } from '../blender/blenderEngine.ts'
import { createContainment } from '../process/containment.ts'
import type { RunBounds } from '../process/runBounds.ts'
import { systemClock } from '../../systemClock.ts'
import type { EngineEvent, EngineTask } from '../engine.ts'

const silent: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, child: () => silent }

/** The version of the Blender on PATH, e.g. "3.4.1": the tests are meant to pass with any. */
export async function installedBlender(): Promise<string> {
  const { stdout } = await promisify(execFile)('blender', ['-b', '--version'])
  const version = /^Blender (\d+\.\d+\.\d+)/m.exec(stdout)?.[1]
  if (version === undefined) throw new Error(`the program "blender" on PATH does not tell its version: ${stdout}`)
  return version
}

export interface TestEngine {
  engine: BlenderEngine
  folder: string
  /** A task in folders of its own. */
  task(scenePath: string, more?: Partial<EngineTask>): EngineTask
  /** Renders to the end and gives all events but log lines and progress. */
  run(task: EngineTask, onEvent?: (event: EngineEvent) => void, signal?: AbortSignal): Promise<EngineEvent[]>
  remove(): Promise<void>
}

/** A real Blender engine in a temporary folder; the caches are shared by all tests of this computer. */
export async function createTestEngine(
  chosen: readonly string[] = [],
  containment: 'auto' | 'basic' = 'auto',
  bounds?: RunBounds,
): Promise<TestEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'pictor-engine-'))
  const caches = join(tmpdir(), 'pictor-test-caches')
  const engine = createBlenderEngine({
    logger: silent,
    probeCacheFile: join(chosen.length === 0 ? caches : folder, 'blenders.json'),
    kernelCacheFolder: join(caches, 'kernels'),
    chosen: () => chosen,
    containment: createContainment({ clock: systemClock, log: silent, level: containment, ...(bounds === undefined ? {} : { bounds }) }),
  })
  let count = 0
  return {
    engine,
    folder,
    task: (scenePath, more) => {
      const place = join(folder, String(++count))
      const folders = { outputFolder: join(place, 'frames'), workFolder: join(place, 'work') }
      return { id: `test-${count}`, scenePath, frames: [1], settings: {}, device: { kind: 'cpu' }, ...folders, ...more }
    },
    run: async (task, onEvent, signal) => {
      const events: EngineEvent[] = []
      for await (const event of engine.render(task, signal ?? new AbortController().signal)) {
        onEvent?.(event)
        if (event.type !== 'log' && event.type !== 'progress') events.push(event)
      }
      return events
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
