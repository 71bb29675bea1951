import { z } from 'zod'

/** Gateway → store process, once: where to keep the data, and the password that every request must carry. */
const openMessage = z.object({ type: z.literal('open'), folder: z.string(), user: z.string(), password: z.string() })
/** Gateway → store process: close everything and end. */
const stopMessage = z.object({ type: z.literal('stop') })
export const toStore = z.discriminatedUnion('type', [openMessage, stopMessage])
export type ToStore = z.infer<typeof toStore>

/** Store process → gateway. */
export const fromStore = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), port: z.number().int() }),
  z.object({ type: z.literal('failed'), code: z.string(), reason: z.string() }),
])
export type FromStore = z.infer<typeof fromStore>
