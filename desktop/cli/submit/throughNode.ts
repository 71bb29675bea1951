import { z } from 'zod'
import { runtimeAsks } from '#shared/api/runtimeAsks.ts'
import type { StagedScene } from '#shared/api/runtimeCalls.ts'
import { durations } from '#shared/durations.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import { askInstance } from '../../launch/controlClient.ts'
import { ownerClient, runningInstance } from '../client/ownerClient.ts'
import type { SceneRoute } from './sceneRoute.ts'

const stageTimeoutMs = 2 * durations.inspectTimeoutMs

/** The scene goes to the instance on the data folder, which sends it on by itself, through outages too. Throws NOT_RUNNING. */
export function throughNode(dataFolder: string, signal: AbortSignal): SceneRoute {
  const instance = runningInstance(dataFolder)
  let staged: StagedScene | null = null
  /** The node may go on with what it was asked; whoever asked need not wait for it. */
  const unlessStopped = <T>(asked: Promise<T>): Promise<T> => {
    const stopped = new Promise<never>((_resolve, reject) => {
      const cancel = () => reject(new AppErrorException(appError('CANCELLED')))
      if (signal.aborted) cancel()
      else signal.addEventListener('abort', cancel, { once: true })
    })
    return Promise.race([asked, stopped])
  }
  return {
    async stage(path) {
      const { output } = runtimeAsks['scene.stageFile']
      staged = await unlessStopped(askInstance(instance, 'scene.stageFile', { path }, output, stageTimeoutMs))
      return { name: staged.name, warnings: staged.warnings }
    },
    async submit(wishes) {
      // As it travels: without what is not set.
      const input = JSON.parse(JSON.stringify({ stagedId: staged?.stagedId ?? '', ...wishes })) as JsonObject
      return (await unlessStopped(askInstance(instance, 'scene.submit', input, z.looseObject({ jobId: z.string() })))).jobId
    },
    async submitImages(paths, { scale, name }) {
      const { output } = runtimeAsks['scene.stageFile']
      const pictures: StagedScene[] = []
      for (const path of paths)
        pictures.push(await unlessStopped(askInstance(instance, 'scene.stageFile', { path }, output, stageTimeoutMs)))
      const input = { stagedIds: pictures.map(({ stagedId }) => stagedId), scale, ...(name === undefined ? {} : { name }) }
      const { jobId } = await unlessStopped(askInstance(instance, 'images.submit', input, z.looseObject({ jobId: z.string() })))
      return { jobId, names: pictures.map((picture) => picture.name) }
    },
    owner: () => ownerClient(dataFolder, undefined),
    close: async () => undefined,
  }
}
