import { z } from 'zod'
import { updateChannels } from '../updates/version.ts'
import { baseFields, labelSchema, microSchema, timeSchema } from './common.ts'
import { ownPreferencesSchema } from './preferences.schema.ts'

/** What its owner pays for a node's electricity, for estimates only. Money of everyday life, in millionths of whatever the owner counts in. */
export const electricitySchema = z.looseObject({
  /** e.g. "EUR"; shown as it is. */
  currency: z.string().max(8),
  microPerKWh: z.number().int().min(0).max(1_000_000_000),
  /** What one PICTOR is worth to the owner in that currency; absent: not known, so nothing is netted. */
  microPerPictor: z.number().int().min(0).max(1_000_000_000_000).optional(),
  /** What the computer draws while it renders; absent: as measured. */
  watts: z.number().int().min(1).max(100_000).optional(),
})
export type Electricity = z.infer<typeof electricitySchema>

/** What the owner wants a node to do. `generation` grows with every change; the node answers with `nodes.generationDone`. */
export const wantedSchema = z.looseObject({
  generation: z.number().int().min(0),
  /** `none` works; `now` suspends at once; `afterFrame` and `afterTask` finish first; `drain` finishes all it holds and takes nothing new. */
  pause: z.enum(['none', 'now', 'afterFrame', 'afterTask', 'drain']),
  /** The pause ends by itself at this time. */
  pauseUntil: timeSchema.optional(),
  /** Until then it works although its preferences would hold it; heat holds all the same. */
  workAnywayUntil: timeSchema.optional(),
  /** Price asked per work unit; absent = the network's average. */
  bidMicroPerUnit: microSchema.optional(),
  /** Asks for a bench: set to the time of the wish; done when the node's `benchmark.askedAt` says the same or later. */
  bench: timeSchema.optional(),
  electricity: electricitySchema.optional(),
  /** The owner says that the block that began then is wrong. */
  contest: z.looseObject({ blockSince: timeSchema, at: timeSchema }).optional(),
  /** What the node learnt from failures before this time is to be forgotten, and the rest because of them is over. */
  tryAgainAt: timeSchema.optional(),
  workBufferMs: z.number().int().min(0).max(864_000_000).optional(),
  /** Absent: yes. Of headless nodes; the desktop app has its own switch. */
  autoUpdate: z.boolean().optional(),
  updateChannel: z.enum(updateChannels).optional(),
  /** Look for a new version and install it, whatever `autoUpdate` says: once for each time of asking. */
  updateRequestedAt: timeSchema.optional(),
  /** Of this node; where they say nothing, those of its tags count: rules/effectivePreferences.ts. */
  preferences: ownPreferencesSchema.optional(),
})

/** One per node, written by the owner (made by the server at creation). Its id is the node's id. */
export const workerSchema = z.looseObject({
  ...baseFields,
  name: labelSchema,
  tags: z.array(z.string().max(60)).max(50),
  locationLabel: z.string().max(200).optional(),
  createdAt: timeSchema,
  wanted: wantedSchema,
  stamps: z.record(z.string(), z.string()),
})
export type Worker = z.infer<typeof workerSchema>
