import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { compareVersions } from '#shared/rules/compareVersions.ts'
import { bestFor } from '../discovery/version.ts'

/**
 * The Blender to open a scene with, never an older one than the scene's. Errors: BLENDER_NOT_FOUND when there is none at all,
 * SCENE_NEWER_THAN_BLENDER {sceneVersion, bestInstalled}.
 */
export function chooseBlender<T extends { version: string }>(sceneVersion: string, installed: readonly T[]): Result<T> {
  const newest = [...installed].sort((a, b) => compareVersions(b.version, a.version))[0]
  if (!newest) return err(appError('BLENDER_NOT_FOUND', { howTo: 'https://www.blender.org/download' }))
  const best = bestFor(sceneVersion, installed)
  return best ? ok(best) : err(appError('SCENE_NEWER_THAN_BLENDER', { sceneVersion, bestInstalled: newest.version }))
}
