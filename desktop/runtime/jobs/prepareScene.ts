import type { SceneInfo } from '#shared/collections/job.schema.ts'
import type { AppError } from '#shared/errors/appError.ts'
import type { Result } from '#shared/result.ts'

/** A file of a bundle: where it lies here, and its relative path (forward slashes) beside the scene. */
export interface BundleFile {
  path: string
  name: string
}

/** What asking Blender about a scene brought. */
interface PreparedScene {
  scene: BundleFile
  extraFiles: BundleFile[]
  info: SceneInfo
  frameStart: number
  frameEnd: number
  warnings: AppError[]
}

/** Inspects a scene and collects what it links to. `outputFolder` takes what has to be written anew. Errors: SCENE_…, BLENDER_…. */
export type PrepareScene = (scenePath: string, outputFolder: string, signal?: AbortSignal) => Promise<Result<PreparedScene>>
