import { z } from 'zod'
import { baseFields, microSchema } from './common.ts'

/** Totals of one UTC day of an owner (`nodeId` null) or of one node; written by the server. Id: `who:YYYY-MM-DD`. */
export const rollupSchema = z.looseObject({
  ...baseFields,
  nodeId: z.string().nullable(),
  day: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
  networkGrossMicro: microSchema,
  networkFeeMicro: microSchema,
  networkNetMicro: microSchema,
  selfRenderGrossMicro: microSchema,
  selfRenderFeeMicro: microSchema,
  selfRenderNetMicro: microSchema,
  tasksCompleted: z.number().int(),
  tasksFailed: z.number().int(),
  /** Of them those that count against a worker: a lease that ended, a failure of its own. Absent from servers of an older version. */
  tasksAtFault: z.number().int().optional(),
  framesAccepted: z.number().int(),
  renderMs: z.number(),
  /** Accepted frames and what the network paid (net micro-PICTOR) in each hour, 24 entries (UTC). */
  framesByHour: z.array(z.number()).length(24),
  netMicroByHour: z.array(z.number()).length(24),
  /** The same for frames of own jobs, which are never mixed with what the network pays. */
  selfRenderNetMicroByHour: z.array(z.number()).length(24).optional(),
  /** What of `framesAccepted` and `tasksCompleted` was for own jobs; absent from days of an older server. */
  selfRenderFrames: z.number().int().optional(),
  selfRenderTasks: z.number().int().optional(),
  /** Hours of the same; each is absent where its sum is nothing. */
  selfRenderFramesByHour: z.array(z.number()).length(24).optional(),
  selfRenderTasksByHour: z.array(z.number()).length(24).optional(),
  tasksCompletedByHour: z.array(z.number()).length(24).optional(),
  tasksFailedByHour: z.array(z.number()).length(24).optional(),
})
export type Rollup = z.infer<typeof rollupSchema>
