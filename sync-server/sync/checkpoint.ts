import { z } from 'zod'
import type { Checkpoint } from '#shared/sync/protocol.ts'

/**
 * Where a client's pull stands. `seq` is CouchDB's and means the same at every gateway; `log` and `at` are the exact place in this gateway's
 * change log, so that its own clients go on without a document twice.
 */
export interface PullPosition {
  epoch: string
  /** null: CouchDB's beginning. */
  seq: string | null
  log: string | null
  at: number
}

const schema = z.looseObject({
  epoch: z.string().max(200),
  // Both stores begin theirs with a number; what is none would make PouchDB answer with nothing.
  seq: z
    .string()
    .max(10_000)
    .regex(/^\d+(-|$)/)
    .nullable(),
  log: z.string().max(100).nullable(),
  at: z.number().int().min(0),
})

export const toCheckpoint = ({ epoch, seq, log, at }: PullPosition): Checkpoint => ({ epoch, seq, log, at })

/** null: from the beginning, also for the checkpoint of another epoch. */
export function readCheckpoint(checkpoint: Checkpoint | null, epoch: string): PullPosition | null {
  const parsed = schema.safeParse(checkpoint)
  return parsed.success && parsed.data.epoch === epoch ? parsed.data : null
}
