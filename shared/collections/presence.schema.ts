import { z } from 'zod'
import { baseFields, timeSchema } from './common.ts'

/** One per node, written by the server when it changes: is the node's live connection there. */
export const presenceSchema = z.looseObject({
  ...baseFields,
  connected: z.boolean(),
  since: timeSchema,
  lastHeardAt: timeSchema,
  gatewayId: z.string(),
  /** The key by which the server knows the node: how it looks to people, and since when. Absent: written by an older server. */
  key: z.looseObject({ fingerprint: z.string().max(100), enrolledAt: timeSchema }).optional(),
})
export type Presence = z.infer<typeof presenceSchema>
