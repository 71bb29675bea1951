import { fileURLToPath } from 'node:url'
import type { StagedScene, ThisComputer } from '#shared/api/runtimeCalls.ts'
import type { PreferencesByTag } from '#shared/collections/preferences.schema.ts'
import type { WorkerConfig } from '#shared/api/workerConfig.ts'
import { formatFrames } from '#shared/frames/frameRange.ts'
import { ok, type Result } from '#shared/result.ts'
import { previewConfig } from '../config/previewConfig.ts'
import { outsideArchive } from '../jobs/outsideArchive.ts'
import { submitImages } from '../jobs/submitImages.ts'
import { submitScene, type SubmitContext } from '../jobs/submitScene.ts'
import type { StagedScenes } from '../jobs/stagedScenes.ts'
import type { Pauses } from '../node/pauses.ts'
import type { WorkAnyway } from '../node/workAnyway.ts'
import type { Software } from '../node/software.ts'
import type { Mean } from '../preferences/probes.ts'
import type { RuntimeCallHandlers } from '../sync/callHandlers.ts'
import { blenderHowTo } from './blenderHowTo.ts'

export interface RuntimeHandlersContext {
  thisComputer: () => Pick<ThisComputer, 'nodeId' | 'ownerId' | 'appVersion' | 'dataFolder' | 'uplink'>
  means: () => Promise<Mean[]>
  setUp: { isDone(): boolean; done(): void }
  tagPreferences: () => PreferencesByTag
  software: Software
  chooseBlender: (path: string) => void
  pauses: Pauses
  workAnyway: Pick<WorkAnyway, 'setLocal'>
  staged: StagedScenes
  submit: SubmitContext
  importConfig: (config: WorkerConfig) => Promise<Result<null>>
}

/** The demo scene, beside the sources and, as a copy, in the bundle. */
const demoScene = new URL('../../../build/demo/demo.blend', import.meta.url)
const demoChunkSize = 2

/** The runtime's own commands; inputs are parsed, the caller is this computer's owner. */
export function createRuntimeHandlers(context: RuntimeHandlersContext): RuntimeCallHandlers {
  const { software, pauses, workAnyway, staged, submit } = context
  const programs = () => software.list().map((found) => ({ ...found }))
  return {
    'computer.get': async () =>
      ok({
        ...context.thisComputer(),
        software: programs(),
        means: await context.means(),
        isSetUp: context.setUp.isDone(),
        tagPreferences: context.tagPreferences(),
        blenderHowTo: software.isKnown() && !software.list().some(({ kind }) => kind === 'blender') ? blenderHowTo() : null,
      }),
    'computer.setUp': async () => {
      context.setUp.done()
      return ok({})
    },
    'computer.findBlender': async ({ path }) => {
      if (path !== undefined) context.chooseBlender(path)
      await software.find()
      return ok({ software: programs() })
    },
    'computer.pause': async ({ kind, untilMs }) => {
      workAnyway.setLocal(null)
      pauses.setLocal(untilMs === undefined ? { kind } : { kind, untilMs })
      return ok({})
    },
    'computer.workAnyway': async ({ untilMs }) => {
      if (untilMs !== null) pauses.setLocal(null)
      workAnyway.setLocal(untilMs)
      return ok({})
    },
    'computer.resume': async () => {
      pauses.setLocal(null)
      return ok({})
    },
    'demo.render': async () => {
      const scene = await staged.stageFile(outsideArchive(fileURLToPath(demoScene)))
      return scene.ok ? submitScene(demoJob(scene.value), submit) : scene
    },
    'scene.submit': (input) => submitScene(input, submit),
    'images.submit': (input) => submitImages(input, submit),
    'scene.discard': async ({ stagedId }) => {
      staged.discard(stagedId)
      return ok({})
    },
    'config.preview': ({ config }) => previewConfig(config),
    'config.import': async ({ config }) => {
      const imported = await context.importConfig(config)
      return imported.ok ? ok({}) : imported
    },
  }
}

function demoJob({ stagedId, frameStart, frameEnd }: StagedScene) {
  const frames = Array.from({ length: frameEnd - frameStart + 1 }, (_, index) => frameStart + index)
  return { stagedId, name: 'Demo', frames: formatFrames(frames), chunkSize: demoChunkSize, settings: {} }
}
