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
  /** Of a dashboard that is still being given its window: which part of it comes next. The log is read from `at` after that. */
  window?: WindowPosition | undefined
}
export interface WindowPosition {
  part: 'open' | 'newest'
  afterId: string
  beforeAt: number
  /** How many of the newest are still to come. */
  left: number
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
  window: z
    .object({
      part: z.enum(['open', 'newest']),
      afterId: z.string().max(200),
      beforeAt: z.number(),
      left: z.number().int().min(0).max(1_000_000),
    })
    .optional(),
})

export const toCheckpoint = ({ epoch, seq, log, at, window }: PullPosition): Checkpoint => ({
  ...{ epoch, seq, log, at },
  ...(window === undefined ? {} : { window: { ...window } }),
})

/** null: from the beginning, also for the checkpoint of another epoch. */
export function readCheckpoint(checkpoint: Checkpoint | null, epoch: string): PullPosition | null {
  const parsed = schema.safeParse(checkpoint)
  return parsed.success && parsed.data.epoch === epoch ? parsed.data : null
}
