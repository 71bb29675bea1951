import { z } from 'zod'
import { baseFields, labelSchema, microSchema, timeSchema } from './common.ts'
import { ledgerKindSchema } from './task.schema.ts'

/** One ledger entry, written by the server, appended only. Its id is `task id:kind`, so a task cannot be paid twice. */
export const earningSchema = z.looseObject({
  ...baseFields,
  nodeId: z.string(),
  taskId: z.string(),
  jobId: z.string(),
  jobName: labelSchema,
  kind: z.union([ledgerKindSchema, z.literal('correction')]),
  frames: z.number().int().min(0),
  grossMicro: microSchema,
  feeMicro: microSchema,
  netMicro: microSchema,
  state: z.enum(['pending', 'final', 'paid', 'reversed']),
  createdAt: timeSchema,
  stateChangedAt: timeSchema,
  reason: z.string().max(200).optional(),
})
export type Earning = z.infer<typeof earningSchema>
