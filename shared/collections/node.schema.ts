import { z } from 'zod'
import { baseFields, timeSchema } from './common.ts'

export const gpuSchema = z.looseObject({
  index: z.number().int(),
  uuid: z.string(),
  name: z.string(),
  vendor: z.string(),
  vramMiB: z.number().nullable(),
  driverVersion: z.string().nullable(),
})

/** A program found on the node, e.g. one Blender installation with what it can do. */
export const softwareSchema = z.looseObject({
  kind: z.string(),
  version: z.string(),
  path: z.string().optional(),
  engines: z.array(z.string()),
  devices: z.array(z.string()),
  denoisers: z.array(z.string()),
})

/** Why a node that is up takes no work. `code` is a stable reason code; `until` when it is known. */
export const holdSchema = z.looseObject({ code: z.string(), since: timeSchema, until: timeSchema.optional() })

/** A requirement that failed, with what was found and wanted. */
export const failedCheckSchema = z.looseObject({ code: z.string(), found: z.string(), wanted: z.string() })

/** One per node, written by that node. Hot values (utilisation, temperatures) are not here: they go over the live channel. */
export const nodeSchema = z.looseObject({
  ...baseFields,
  startedAt: timeSchema,
  /** Set when the runtime stops in an orderly way; absent while it runs. */
  stoppedAt: timeSchema.optional(),
  appVersion: z.string(),
  os: z.looseObject({ platform: z.string(), name: z.string(), release: z.string(), arch: z.string(), hostname: z.string() }),
  hardware: z.looseObject({
    cpuName: z.string(),
    cpuCores: z.number().int(),
    ramMiB: z.number().int(),
    diskFreeMiB: z.number().int().nullable(),
    gpus: z.array(gpuSchema),
  }),
  software: z.array(softwareSchema),
  activeTaskIds: z.array(z.string()),
  holds: z.array(holdSchema),
  failedChecks: z.array(failedCheckSchema),
  /** An unclean end of the last start: work was cut. */
  terminated: z.looseObject({ code: z.string(), at: timeSchema }).optional(),
  blocked: z.looseObject({ code: z.string(), since: timeSchema, until: timeSchema }).optional(),
  /** The computer's clock is so many minutes off; absent while it is right. Work goes by the server's. */
  clockOffMinutes: z.number().int().min(0).optional(),
  containmentLevel: z.string(),
  generationDone: z.number().int().min(0),
  queuedTaskCount: z.number().int().min(0),
  framesWaitingToUpload: z.number().int().min(0),
})
export type NodeDocument = z.infer<typeof nodeSchema>
