import { z } from 'zod'
import { baseFields, errorFieldSchema, fileRefSchema, frameNumberSchema, labelSchema, microSchema, timeSchema } from './common.ts'
import { imageFormatSchema, renderSettingsSchema, sceneInfoSchema } from './job.schema.ts'

/** What a node must have to be offered a chunk. */
export const needsSchema = z.looseObject({
  kind: z.enum(['blender', 'upscale']),
  /** `major.minor`, e.g. "3.4": a Blender at least that new. */
  blenderVersion: z.string().optional(),
  engine: z.string().optional(),
  vramMiB: z.number().int().optional(),
  denoiser: z.string().optional(),
})
export type Needs = z.infer<typeof needsSchema>

export const ledgerKindSchema = z.enum(['network', 'selfRender'])

/** The server's price, fixed before assignment. */
export const quoteSchema = z.looseObject({
  kind: ledgerKindSchema,
  microPerFrame: microSchema,
  feeBasisPoints: z.number().int(),
})

/** A right to work for a while, in server time. `token` is the fencing token: it grows with every attempt at the chunk. */
export const leaseSchema = z.looseObject({
  token: z.number().int().min(1),
  issuedAt: timeSchema,
  expiresAt: timeSchema,
})
export type Lease = z.infer<typeof leaseSchema>

export const verdictSchema = z.looseObject({
  verdict: z.enum(['open', 'accepted', 'rejected', 'superseded']),
  at: timeSchema.optional(),
  sha256: z.string().optional(),
  error: errorFieldSchema.optional(),
})
export type Verdict = z.infer<typeof verdictSchema>

/** One offer of a chunk to a node; written by the server. Belongs to the owner of the node. */
export const taskSchema = z.looseObject({
  ...baseFields,
  nodeId: z.string(),
  jobId: z.string(),
  jobName: labelSchema,
  chunkId: z.string(),
  kind: z.enum(['blender', 'upscale']),
  state: z.enum(['assigned', 'closed']),
  /** Why it was closed: every frame settled, the node gave it back, the lease ended, the job was cancelled, it failed. */
  closedAs: z.enum(['completed', 'released', 'expired', 'cancelled', 'failed']).optional(),
  createdAt: timeSchema,
  closedAt: timeSchema.optional(),
  frames: z.array(frameNumberSchema),
  scene: fileRefSchema,
  extraFiles: z.array(fileRefSchema),
  settings: renderSettingsSchema,
  info: sceneInfoSchema,
  format: imageFormatSchema,
  needs: needsSchema,
  quote: quoteSchema,
  lease: leaseSchema,
  /** Given out beside another node's attempt at the same frames, near the end of the job: whoever is first is paid for a frame. */
  isCopy: z.boolean().optional(),
  /** It failed, or its lease ended, and that counts against this node's reliability. */
  fault: z.enum(['node']).optional(),
  /** Per frame number as a string key. */
  verdicts: z.record(z.string(), verdictSchema),
})
export type Task = z.infer<typeof taskSchema>
