import { z } from 'zod'
import { workerStatuses } from '../rules/status.ts'
import { systemEventSchema } from './systemEvents.ts'
import { stagedSceneSchema, uplinkSchema } from './runtimeCalls.ts'

export const nodeLookSchema = z.looseObject({
  status: z.enum(workerStatuses),
  code: z.string(),
  untilMs: z.number().nullable(),
  activeTasks: z.number().int(),
  earnedTodayMicro: z.string(),
  /** The line to the server is cut. */
  lineCut: z.boolean(),
  /** How its line to the server stands. */
  line: uplinkSchema.shape.state.optional(),
  /** It wants to know how long nobody used the computer (`system.event` with `user`). */
  watchesUser: z.boolean().optional(),
})
export type NodeLook = z.infer<typeof nodeLookSchema>

/**
 * What only the launcher of a node's runtime may ask it, over the channel between the two processes (the command line and Electron's main
 * process hand it on to the person at this computer). Every call of runtimeCalls.ts and of gatewayCalls.ts that an owner may make can be
 * asked there too, by its name.
 */
export const runtimeAsks = {
  /** A one-time address that signs the owner in to the local page. */
  'page.link': { input: z.looseObject({}), output: z.looseObject({ link: z.string() }) },
  /** How the node stands, for the tray. Money in micro-PICTOR as text; the day is this computer's. */
  'node.look': { input: z.looseObject({}), output: nodeLookSchema },
  /** Something happened to the computer. */
  'system.event': { input: systemEventSchema, output: z.looseObject({}) },
  /** Stages a scene that lies on this computer, with what it links to. */
  'scene.stageFile': { input: z.looseObject({ path: z.string().min(1).max(4_000) }), output: stagedSceneSchema },
} as const
