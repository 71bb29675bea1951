import { z } from 'zod'
import { baseFields, timeSchema } from './common.ts'

/** One per node, written by the server when it changes: is the node's live connection there. */
export const presenceSchema = z.looseObject({
  ...baseFields,
  connected: z.boolean(),
  since: timeSchema,
  lastHeardAt: timeSchema,
  gatewayId: z.string(),
})
export type Presence = z.infer<typeof presenceSchema>
