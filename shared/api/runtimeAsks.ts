import { z } from 'zod'
import { benchmarkSchema, updateNoteSchema } from '../collections/node.schema.ts'
import { workerStatuses } from '../rules/status.ts'
import { systemEventSchema } from './systemEvents.ts'
import { stagedSceneSchema, uplinkSchema } from './runtimeCalls.ts'
import { updateChannels } from '../updates/version.ts'

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
  /** The fingerprint of its key, to compare with what the server says. */
  keyFingerprint: z.string().optional(),
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
  /** Is it ready for work? Also over HTTP, at `/health` of the local page. */
  'node.health': {
    input: z.looseObject({}),
    output: z.looseObject({ ready: z.boolean(), status: z.string(), code: z.string(), line: z.string(), version: z.string() }),
  },
  /** Its server was just started: it tries to reach it now. */
  'uplink.wake': { input: z.looseObject({}), output: z.looseObject({}) },
  /** Has it anything to do? `held`: tasks; `waiting`: frames and documents that are not delivered; `serverEmpty`: asked, it had nothing. */
  'node.busy': {
    input: z.looseObject({}),
    output: z.looseObject({ held: z.number().int(), waiting: z.number().int(), serverEmpty: z.boolean() }),
  },
  /** How the program's update stands, for the node's document; and what the owner wishes about updates. `requested` is answered once. */
  'node.update': {
    input: z.looseObject({ note: updateNoteSchema.nullable() }),
    output: z.looseObject({ autoUpdate: z.boolean(), channel: z.enum(updateChannels), requested: z.boolean() }),
  },
  /** Finish the frame in progress and begin no other, until then (server-independent wall time) or, with null, no longer. */
  'node.drain': {
    input: z.looseObject({ untilMs: z.number().nullable() }),
    output: z.looseObject({ rendering: z.number().int() }),
  },
  /** The launcher is about to end the node although it renders: remembered as the reason, shown after the next start. */
  'node.cut': { input: z.looseObject({ code: z.literal('FORCED_UPDATE') }), output: z.looseObject({}) },
  /** Asks for a bench, as the owner's wish does. */
  'node.bench': { input: z.looseObject({}), output: z.looseObject({ askedAt: z.number() }) },
  /** Whether a bench asked for at that time is through, and the newest result. */
  'node.benchState': {
    input: z.looseObject({ askedAt: z.number() }),
    output: z.looseObject({ done: z.boolean(), benchmark: benchmarkSchema.nullable() }),
  },
  /** Stages a scene that lies on this computer, with what it links to. */
  'scene.stageFile': { input: z.looseObject({ path: z.string().min(1).max(4_000) }), output: stagedSceneSchema },
} as const
