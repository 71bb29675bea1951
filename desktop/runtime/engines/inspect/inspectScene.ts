import { basename } from 'node:path'
import { z } from 'zod'
import { durations } from '#shared/durations.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { inspectScript } from '../blender/scripts/inspectScript.ts'
import { linkedFilesScript } from '../blender/scripts/linkedFilesScript.ts'
import { sceneFactsScript } from '../blender/scripts/sceneFactsScript.ts'
import { runScript } from '../blender/runScript.ts'
import type { EngineSoftware } from '../engine.ts'
import { cropSchema, viewsSchema } from '../output/channel.ts'
import type { Containment } from '../process/containment.ts'

const sceneSchema = z.object({
  event: z.literal('inspected'),
  engine: z.string(),
  samples: z.number().int().nullable(),
  layerSamples: z.array(z.number().int()),
  denoiser: z.string().nullable(),
  width: z.number().int(),
  height: z.number().int(),
  crop: cropSchema.nullable(),
  views: viewsSchema.nullable(),
  frameStart: z.number().int(),
  frameEnd: z.number().int(),
  frameStep: z.number().int(),
  format: z.string(),
  isMovie: z.boolean(),
  /** Something to render from: a camera, or an edit or composition that needs none. */
  camera: z.boolean(),
  hasScripts: z.boolean(),
})

const fileSchema = z.object({
  event: z.literal('file'),
  index: z.number().int(),
  kind: z.string(),
  /** As the scene names it; begins with // when relative to the file that names it. */
  raw: z.string(),
  /** Absolute. */
  path: z.string(),
  packed: z.boolean(),
  exists: z.boolean(),
  directory: z.boolean(),
  /** Absolute path of the library that names it; null for the scene itself. */
  library: z.string().nullable(),
  canMove: z.boolean(),
  owner: z.string(),
})

export type InspectedScene = Omit<z.infer<typeof sceneSchema>, 'event'>
export type LinkedFile = Omit<z.infer<typeof fileSchema>, 'event'>
export interface Inspection {
  scene: InspectedScene
  files: LinkedFile[]
}

/**
 * Opens a scene (scripts off, factory settings) and asks what it is and which files it links to.
 * `blender` must be at least as new as the scene. Errors: as `runScript`, e.g. SCENE_UNREADABLE, SCENE_TRUNCATED, BLENDER_TIMED_OUT.
 */
export async function inspectScene(
  scenePath: string,
  blender: EngineSoftware,
  containment: Containment,
  signal?: AbortSignal,
): Promise<Result<Inspection>> {
  const answers = await runScript({
    containment,
    program: blender.path,
    blenderVersion: blender.version,
    scenePath,
    scripts: [linkedFilesScript, sceneFactsScript, inspectScript],
    timeoutMs: durations.inspectTimeoutMs,
    ...(signal ? { signal } : {}),
  })
  if (!answers.ok) return answers
  const scene = answers.value.map((answer) => sceneSchema.safeParse(answer)).find((parsed) => parsed.success)?.data
  const whole = answers.value.some((answer) => z.object({ event: z.literal('end') }).safeParse(answer).success)
  if (!scene || !whole) return err(appError('SCENE_UNREADABLE', { reason: `${basename(scenePath)} could not be inspected` }))
  const files = answers.value.flatMap((answer) => {
    const parsed = fileSchema.safeParse(answer)
    return parsed.success ? [parsed.data] : []
  })
  return ok({ scene, files })
}
