import { z } from 'zod'

export const thermalStates = ['unknown', 'nominal', 'fair', 'serious', 'critical'] as const

/** What the system tells the shell of the desktop app, and the shell its node: what happens to the computer, and whether somebody uses it. */
export const systemEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('suspend') }),
  z.object({ kind: z.literal('resume') }),
  z.object({ kind: z.literal('lock') }),
  z.object({ kind: z.literal('unlock') }),
  z.object({ kind: z.literal('shutdown') }),
  z.object({ kind: z.literal('power'), onBattery: z.boolean() }),
  z.object({ kind: z.literal('thermal'), state: z.enum(thermalStates) }),
  /** From a helper in a person's session, for a service that cannot see it; there may be several. null: it cannot tell. */
  z.object({
    kind: z.literal('session'),
    session: z.string().min(1).max(100),
    idleMs: z.number().min(0).nullable(),
    fullScreen: z.boolean().nullable(),
  }),
  /** The last key or movement was so long ago. */
  z.object({ kind: z.literal('user'), idleMs: z.number().min(0) }),
])
export type SystemEvent = z.infer<typeof systemEventSchema>
