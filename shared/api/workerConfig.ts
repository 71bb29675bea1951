import { z } from 'zod'
import { timeSchema } from '../collections/common.ts'
import { idSchema } from '../ids.ts'

/** The file `*.pictor.json` that a new worker is set up with. It carries a token to enrol once, never a lasting secret. */
export const workerConfigSchema = z.looseObject({
  format: z.literal('pictor-worker-config'),
  formatVersion: z.literal(1),
  serverUrl: z.url({ protocol: /^https?$/ }),
  serverId: idSchema,
  ownerId: idSchema,
  ownerName: z.string().max(200),
  /** null: the token enrols any number of new workers up to its uses. */
  workerId: idSchema.nullable(),
  workerName: z.string().max(200),
  enrolmentToken: z.string().min(20).max(200),
  expiresAt: timeSchema,
})
export type WorkerConfig = z.infer<typeof workerConfigSchema>
