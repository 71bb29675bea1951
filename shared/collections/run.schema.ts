import { z } from 'zod'
import { baseFields, errorFieldSchema, timeSchema } from './common.ts'

export const runStateSchema = z.enum(['queued', 'fetching', 'rendering', 'uploading', 'paused', 'done', 'failed', 'released'])
export type RunState = z.infer<typeof runStateSchema>

export const runFrameSchema = z.looseObject({
  /** finished = verified and durably kept on the node; delivered = the server answered with a verdict. */
  state: z.enum(['queued', 'rendering', 'finished', 'delivered', 'failed']),
  /** How often this frame was started; more than one means a crash or a bad picture. */
  renders: z.number().int().min(0),
  renderMs: z.number().min(0).optional(),
  startedAt: timeSchema.optional(),
  finishedAt: timeSchema.optional(),
  sha256: z.string().optional(),
  sizeBytes: z.number().optional(),
  width: z.number().int().optional(),
  height: z.number().int().optional(),
  format: z.string().optional(),
  error: errorFieldSchema.optional(),
})
export type RunFrame = z.infer<typeof runFrameSchema>

/** What really happened to a task on its node; one per task with the same id, written by that node. */
export const runSchema = z.looseObject({
  ...baseFields,
  nodeId: z.string(),
  jobId: z.string(),
  leaseToken: z.number().int(),
  state: runStateSchema,
  createdAt: timeSchema,
  startedAt: timeSchema.optional(),
  finishedAt: timeSchema.optional(),
  blenderVersion: z.string().optional(),
  /** What ran where it was not Blender, e.g. "onnxruntime 1.30.0". */
  engine: z.string().max(200).optional(),
  device: z.string().optional(),
  /** Per frame number as a string key. */
  frames: z.record(z.string(), runFrameSchema),
  error: errorFieldSchema.optional(),
  warnings: z.array(errorFieldSchema).max(100),
})
export type Run = z.infer<typeof runSchema>
