import type { Job } from '../collections/job.schema.ts'
import type { NodeDocument } from '../collections/node.schema.ts'
import { appError, type AppError } from '../errors/appError.ts'
import { versionNumber } from './choice.ts'
import { upscaleEngines } from './upscale.ts'

type Wanted = Pick<Job, 'kind' | 'info' | 'settings'>
type Program = NodeDocument['software'][number]

/**
 * Why none of these nodes can render a job, as far as its scene is known; null when one can, or when no node has said yet what it has.
 * The job waits for one that can: SCENE_NEWER_THAN_BLENDER, SCENE_ENGINE_UNKNOWN, SCENE_NEEDS_DENOISER or UPSCALER_MISSING.
 */
export function whyNobodyFits({ kind, info, settings }: Wanted, nodes: readonly Pick<NodeDocument, 'software'>[]): AppError | null {
  const software = nodes.flatMap((node) => node.software)
  if (kind === 'upscale') return software.length === 0 || canUpscale(software, settings) ? null : appError('UPSCALER_MISSING')
  const programs = software.filter((program) => program.kind === 'blender')
  if (programs.length === 0) return null
  const wanted = versionNumber(info.blenderVersion)
  const newEnough = programs.filter(({ version }) => versionNumber(version) >= wanted)
  if (newEnough.length === 0) {
    const best = programs.reduce((a, b) => (versionNumber(a.version) >= versionNumber(b.version) ? a : b))
    return appError('SCENE_NEWER_THAN_BLENDER', { sceneVersion: info.blenderVersion, bestInstalled: best.version })
  }
  const engine = settings.engine ?? info.engine
  if (engine !== undefined && !someHas(newEnough, 'engines', engine)) return appError('SCENE_ENGINE_UNKNOWN', { engine })
  const denoiser = info.wantsDenoiser
  if (denoiser != null && !someHas(newEnough, 'denoisers', denoiser)) return appError('SCENE_NEEDS_DENOISER', { denoiser })
  return null
}

const canUpscale = (programs: readonly Program[], { scale }: Wanted['settings']): boolean =>
  scale !== undefined && programs.some((program) => program.kind === 'upscale' && program.engines.includes(upscaleEngines[scale]))

const someHas = (programs: readonly Program[], what: 'engines' | 'denoisers', name: string): boolean =>
  programs.some((program) => program[what].includes(name))
