import { z } from 'zod'
import { baseFields, labelSchema, microSchema, timeSchema } from './common.ts'
import { ownPreferencesSchema } from './preferences.schema.ts'

/** What the owner wants a node to do. `generation` grows with every change; the node answers with `nodes.generationDone`. */
export const wantedSchema = z.looseObject({
  generation: z.number().int().min(0),
  /** `none` works; `now` suspends at once; `afterFrame` and `afterTask` finish first; `drain` finishes all it holds and takes nothing new. */
  pause: z.enum(['none', 'now', 'afterFrame', 'afterTask', 'drain']),
  /** The pause ends by itself at this time. */
  pauseUntil: timeSchema.optional(),
  /** Until then it works although its preferences would hold it; heat holds all the same. */
  workAnywayUntil: timeSchema.optional(),
  /** Price asked per work unit; absent = the network's average. */
  bidMicroPerUnit: microSchema.optional(),
  workBufferMs: z.number().int().min(0).max(864_000_000).optional(),
  autoUpdate: z.boolean().optional(),
  /** Of this node; where they say nothing, those of its tags count: rules/effectivePreferences.ts. */
  preferences: ownPreferencesSchema.optional(),
})

/** One per node, written by the owner (made by the server at creation). Its id is the node's id. */
export const workerSchema = z.looseObject({
  ...baseFields,
  name: labelSchema,
  tags: z.array(z.string().max(60)).max(50),
  locationLabel: z.string().max(200).optional(),
  createdAt: timeSchema,
  wanted: wantedSchema,
  stamps: z.record(z.string(), z.string()),
})
export type Worker = z.infer<typeof workerSchema>
