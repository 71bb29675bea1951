import { z } from 'zod'
import { baseFields, errorFieldSchema, fileRefSchema, frameNumberSchema, labelSchema, timeSchema } from './common.ts'

export const imageFormatSchema = z.enum(['PNG', 'JPEG', 'OPEN_EXR', 'OPEN_EXR_MULTILAYER', 'TIFF'])

/** What the creator overrides; absent = as the scene says. */
export const renderSettingsSchema = z.looseObject({
  engine: z.string().max(60).optional(),
  samples: z.number().int().min(1).max(1_000_000).optional(),
  width: z.number().int().min(4).max(65_536).optional(),
  height: z.number().int().min(4).max(65_536).optional(),
  format: imageFormatSchema.optional(),
  /** Upscaling: how many times as wide and high a picture becomes. */
  scale: z.union([z.literal(2), z.literal(4)]).optional(),
})
export type RenderSettings = z.infer<typeof renderSettingsSchema>

const fractionSchema = z.number().min(0).max(1)

/** What is known of the scene from asking Blender at submission; absent when it was sent from where no Blender is. */
export const sceneInfoSchema = z.looseObject({
  blenderVersion: z.string(),
  engine: z.string().optional(),
  width: z.number().int().optional(),
  height: z.number().int().optional(),
  samples: z.number().int().optional(),
  /** Samples of each view layer that is rendered; 0: as many as the scene's. */
  layerSamples: z.array(z.number().int().min(0).max(1_000_000)).max(200).optional(),
  format: imageFormatSchema.optional(),
  wantsDenoiser: z.string().nullable().optional(),
  /** The part of the frame that is rendered and cut out of it, as fractions of its sides from the lower left; absent: all of it. */
  crop: z.object({ left: fractionSchema, right: fractionSchema, bottom: fractionSchema, top: fractionSchema }).optional(),
  /** Several views of each frame (stereo) and how the scene wants them in files, in Blender's words; absent: one view. */
  views: z
    .object({ count: z.number().int().min(2).max(1_000), format: z.string().max(60), layout: z.string().max(60), squeezed: z.boolean() })
    .optional(),
})
export type SceneInfo = z.infer<typeof sceneInfoSchema>

/** One per job, written by its creator. */
export const jobSchema = z.looseObject({
  ...baseFields,
  name: labelSchema,
  kind: z.enum(['blender', 'upscale']),
  createdAt: timeSchema,
  frames: z.array(frameNumberSchema).min(1).max(100_000),
  chunkSize: z.number().int().min(1).max(10_000),
  scene: fileRefSchema,
  /** Files the scene links to, by their relative path in the bundle. */
  extraFiles: z.array(fileRefSchema).max(10_000),
  settings: renderSettingsSchema,
  info: sceneInfoSchema,
  wanted: z.enum(['run', 'paused', 'cancelled']),
  /** Grows when the creator asks to try failed frames again. */
  retryGeneration: z.number().int().min(0),
  /** Set by whoever sends its files when one of them will never come: why. The server ends the job with it. */
  filesRefused: errorFieldSchema.optional(),
})
export type Job = z.infer<typeof jobSchema>

export const jobFrameStateSchema = z.enum(['queued', 'assigned', 'accepted', 'failed', 'cancelled'])

/** How far a job is; one per job, written by the server. */
export const jobStateSchema = z.looseObject({
  ...baseFields,
  state: z.enum(['waitingForFiles', 'queued', 'rendering', 'paused', 'done', 'failed', 'cancelled']),
  total: z.number().int(),
  accepted: z.number().int(),
  failed: z.number().int(),
  /** Per frame number (as a string key): state and, when accepted, its picture and who made it. */
  frames: z.record(
    z.string(),
    z.looseObject({
      state: jobFrameStateSchema,
      taskId: z.string().optional(),
      nodeId: z.string().optional(),
      sha256: z.string().optional(),
      sizeBytes: z.number().optional(),
      format: z.string().optional(),
      error: z.looseObject({ code: z.string(), message: z.string(), details: z.record(z.string(), z.json()).optional() }).optional(),
    }),
  ),
  costMicro: z.number().int(),
  startedAt: timeSchema.optional(),
  finishedAt: timeSchema.optional(),
  error: z.looseObject({ code: z.string(), message: z.string() }).optional(),
  /** Which of the creator's wishes the server has carried out. */
  handled: z.looseObject({ retryGeneration: z.number().int() }).optional(),
})
export type JobState = z.infer<typeof jobStateSchema>
