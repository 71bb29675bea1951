import { z } from 'zod'
import { baseFields, timeSchema } from './common.ts'

/** Something the owner should know; written by the server. The words come from `code` and `details`. */
export const noticeSchema = z.looseObject({
  ...baseFields,
  at: timeSchema,
  code: z.string().max(64),
  severity: z.enum(['info', 'warning', 'problem']),
  nodeId: z.string().optional(),
  jobId: z.string().optional(),
  taskId: z.string().optional(),
  details: z.record(z.string(), z.json()),
})
export type Notice = z.infer<typeof noticeSchema>
