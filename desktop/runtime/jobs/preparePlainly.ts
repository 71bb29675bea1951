import { basename } from 'node:path'
import { readSceneHeader } from '../engines/scene/sceneHeader.ts'
import { ok } from '#shared/result.ts'
import type { PrepareScene } from './prepareScene.ts'

export const preparePlainly: PrepareScene = async (path) => {
  const header = await readSceneHeader(path)
  if (!header.ok) return header
  return ok({
    scene: { path, name: basename(path) },
    extraFiles: [],
    info: { blenderVersion: String(header.value.version) },
    frameStart: 1,
    frameEnd: 2,
    warnings: [],
  })
}
