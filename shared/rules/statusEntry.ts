import { z } from 'zod'
import { timeSchema } from '../collections/common.ts'
import { workerStatuses } from './status.ts'

/** One line of the series `node/<nodeId>`: since `at` (server time) the node is in this status, for this reason. */
export const statusEntrySchema = z.looseObject({
  at: timeSchema,
  status: z.enum(workerStatuses),
  code: z.string().max(64),
  details: z.record(z.string(), z.json()),
})
export type StatusEntry = z.infer<typeof statusEntrySchema>
