import { z } from 'zod'
import { errorFieldSchema } from '../collections/common.ts'
import { renderSettingsSchema, sceneInfoSchema } from '../collections/job.schema.ts'
import { softwareSchema } from '../collections/node.schema.ts'
import { preferencesByTagSchema } from '../collections/preferences.schema.ts'
import { idSchema } from '../ids.ts'
import { imagesPerJobLimit } from '../rules/upscale.ts'
import { defineCall } from './call.ts'
import { workerConfigSchema } from './workerConfig.ts'

const nothing = z.looseObject({})

/** A scene that the runtime copied, collected and inspected and that waits to become a job. */
export const stagedSceneSchema = z.looseObject({
  stagedId: idSchema,
  name: z.string(),
  sizeBytes: z.number(),
  info: sceneInfoSchema,
  frameStart: z.number().int(),
  frameEnd: z.number().int(),
  warnings: z.array(errorFieldSchema),
})
export type StagedScene = z.infer<typeof stagedSceneSchema>

/** How this computer stands towards its gateway, for the sync pill. */
export const uplinkSchema = z.looseObject({
  state: z.enum(['local', 'connecting', 'live', 'catchingUp', 'offline', 'updateNeeded', 'refused']),
  since: z.number(),
  serverUrl: z.string().nullable(),
  error: errorFieldSchema.nullable(),
  framesWaiting: z.number().int(),
  documentsWaiting: z.number().int(),
})
export type Uplink = z.infer<typeof uplinkSchema>

/** `unverified`: written for this system and tested with recorded output, never run on the real one. */
export const meanOfFactSchema = z.looseObject({
  fact: z.enum(['idle', 'fullScreen', 'programs', 'cpu', 'battery', 'metered']),
  how: z.string(),
  state: z.enum(['works', 'unverified', 'missing']),
})
export type MeanOfFact = z.infer<typeof meanOfFactSchema>

export const thisComputerSchema = z.looseObject({
  nodeId: idSchema,
  ownerId: idSchema,
  appVersion: z.string(),
  dataFolder: z.string(),
  uplink: uplinkSchema,
  software: z.array(softwareSchema),
  /** Present when no Blender was found: the command that installs it. */
  blenderHowTo: z.string().nullable(),
  /** The person went through the first questions, or skipped them. */
  isSetUp: z.boolean().optional(),
  /** How each fact that preferences look at is come by here. */
  means: z.array(meanOfFactSchema).optional(),
  /** What the owner wants of computers with a tag: for a page whose owner's profile is not here. */
  tagPreferences: preferencesByTagSchema.optional(),
})
export type ThisComputer = z.infer<typeof thisComputerSchema>

/**
 * Commands of a node's runtime to the dashboard it serves (local page or desktop window).
 * The live topic `uplink` carries an Uplink whenever it changes.
 */
export const runtimeCalls = {
  'computer.get': defineCall(['owner'], nothing, thisComputerSchema),
  /** The first questions need not be asked again. */
  'computer.setUp': defineCall(['owner'], nothing, nothing),
  'computer.findBlender': defineCall(
    ['owner'],
    z.looseObject({ path: z.string().max(2_000).optional() }),
    z.object({ software: z.array(softwareSchema) }),
  ),
  /** Held at the node itself, works offline; the owner's pause in `workers` holds too. */
  'computer.pause': defineCall(
    ['owner'],
    z.looseObject({ kind: z.enum(['now', 'afterFrame', 'afterTask', 'drain']), untilMs: z.number().optional() }),
    nothing,
  ),
  /** Works until then (server time) although its preferences would hold it; null takes that back. Ends a pause that was set here. */
  'computer.workAnyway': defineCall(['owner'], z.looseObject({ untilMs: z.number().nullable() }), nothing),
  'computer.resume': defineCall(['owner'], nothing, nothing),
  /** Makes the demo scene and submits it as a job of this owner. */
  'demo.render': defineCall(['owner'], nothing, z.object({ jobId: idSchema })),
  /** Turns a staged scene (`PUT /api/scenes?name=…` on the local page answers with it) into a job; works offline, files follow. */
  'scene.submit': defineCall(
    ['owner'],
    z.looseObject({
      stagedId: idSchema,
      name: z.string().max(200).optional(),
      frames: z.string().max(10_000),
      chunkSize: z.number().int().min(1).max(10_000),
      settings: renderSettingsSchema,
    }),
    z.object({ jobId: idSchema }),
  ),
  /** Turns staged pictures, in this order, into a job that upscales them. Errors: IMAGES_TOO_MANY, IMAGE_TOO_LARGE, JOB_INVALID. */
  'images.submit': defineCall(
    ['owner'],
    z.looseObject({
      stagedIds: z.array(idSchema).min(1).max(imagesPerJobLimit),
      scale: z.union([z.literal(2), z.literal(4)]),
      name: z.string().max(200).optional(),
    }),
    z.object({ jobId: idSchema }),
  ),
  'scene.discard': defineCall(['owner'], z.looseObject({ stagedId: idSchema }), nothing),
  'config.preview': defineCall(
    ['owner'],
    z.looseObject({ config: workerConfigSchema }),
    z.looseObject({ serverUrl: z.string(), ownerName: z.string(), workerName: z.string() }),
  ),
  'config.import': defineCall(['owner'], z.looseObject({ config: workerConfigSchema }), nothing),
} as const

export type RuntimeCallName = keyof typeof runtimeCalls
export type RuntimeInput<Name extends RuntimeCallName> = z.infer<(typeof runtimeCalls)[Name]['input']>
export type RuntimeOutput<Name extends RuntimeCallName> = z.infer<(typeof runtimeCalls)[Name]['output']>

export function isRuntimeCall(name: string): name is RuntimeCallName {
  return Object.hasOwn(runtimeCalls, name)
}
