import { basename } from 'node:path'
import { appError } from '#shared/errors/appError.ts'
import { ok } from '#shared/result.ts'
import { prepareScene } from '../engines/inspect/prepareScene.ts'
import type { Containment } from '../engines/process/containment.ts'
import type { Software } from '../node/software.ts'
import type { PrepareScene } from './prepareScene.ts'

/** Asks the Blenders of this computer, once it is known which there are. */
export function prepareWithBlender(software: Software, containment: Containment): PrepareScene {
  return async (scenePath, workFolder, signal) => {
    const found = software.isKnown() ? software.list() : await software.find()
    const blenders = found.filter(({ kind }) => kind === 'blender')
    const prepared = await prepareScene({ containment, scenePath, workFolder, blenders, ...(signal === undefined ? {} : { signal }) })
    if (!prepared.ok) return prepared
    const { blendPath, extraFiles, info, scene } = prepared.value
    return ok({
      scene: { path: blendPath, name: basename(scenePath) },
      extraFiles: extraFiles.map(({ path, relativePath }) => ({ path, name: relativePath })),
      info,
      frameStart: scene.frameStart,
      frameEnd: scene.frameEnd,
      warnings: canDenoise(info.wantsDenoiser ?? null, blenders)
        ? []
        : [appError('SCENE_NEEDS_DENOISER', { denoiser: info.wantsDenoiser ?? '' })],
    })
  }
}

/** Other computers may have what the Blenders here lack, so the scene may be submitted all the same. */
const canDenoise = (wanted: string | null, blenders: ReturnType<Software['list']>): boolean =>
  wanted === null || blenders.some(({ denoisers }) => denoisers.includes(wanted))
