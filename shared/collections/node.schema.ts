import { z } from 'zod'
import { baseFields, errorFieldSchema, timeSchema } from './common.ts'

export const gpuSchema = z.looseObject({
  index: z.number().int(),
  uuid: z.string(),
  name: z.string(),
  vendor: z.string(),
  vramMiB: z.number().nullable(),
  driverVersion: z.string().nullable(),
  /** NVIDIA's, e.g. "8.9". */
  computeCapability: z.string().nullish(),
  pciBus: z.string().nullish(),
})

/** One sample that a program rendered on a device, or why it failed. */
export const deviceProofSchema = z.looseObject({
  backend: z.string().max(40),
  /** The card's UUID; empty: all cards together, or the processor. */
  card: z.string().max(100),
  works: z.boolean(),
  /** Why not: a stable code, and what was said. */
  code: z.string().max(64).optional(),
  reason: z.string().max(300).optional(),
  ms: z.number().min(0),
})
export type DeviceProof = z.infer<typeof deviceProofSchema>

/** A program found on the node, e.g. one Blender installation with what it can do. */
export const softwareSchema = z.looseObject({
  kind: z.string(),
  version: z.string(),
  path: z.string().optional(),
  engines: z.array(z.string()),
  devices: z.array(z.string()),
  denoisers: z.array(z.string()),
  /** Devices that were tried with one sample; absent: not tried. */
  proofs: z.array(deviceProofSchema).max(200).optional(),
})

/** Why a node that is up takes no work. `code` is a stable reason code; `until` when it is known. */
export const holdSchema = z.looseObject({
  code: z.string(),
  since: timeSchema,
  until: timeSchema.optional(),
  /** What it is about: the program, the temperature to cool down to. */
  details: z.record(z.string(), z.union([z.string().max(200), z.number()])).optional(),
})

/** A requirement that failed, with what was found and wanted. */
export const failedCheckSchema = z.looseObject({ code: z.string(), found: z.string(), wanted: z.string() })

/** A requirement with what was found and wanted. `fail` keeps the node from working, `advice` does not; `unknown`: the system does not say. */
export const checkSchema = z.looseObject({
  code: z.string().max(64),
  /** What of several: the name of a card; empty for the computer. */
  subject: z.string().max(200),
  state: z.enum(['pass', 'advice', 'fail', 'unknown']),
  found: z.string().max(200),
  wanted: z.string().max(200),
})

/** The speed of the line to the gateway as it was last measured, in thousands of bits a second. */
export const connectionSchema = z.looseObject({ downKbps: z.number().int().min(0), upKbps: z.number().int().min(0), at: timeSchema })
export type Connection = z.infer<typeof connectionSchema>

/** How the moving of files stands: why none travel, and what travelled this month. Pictures wait meanwhile; work goes on. */
export const transfersSchema = z.looseObject({
  hold: holdSchema.optional(),
  month: z.string().max(20),
  upMiB: z.number().int().min(0),
  downMiB: z.number().int().min(0),
})
/** One device's bench result. */
export const benchedDeviceSchema = z.looseObject({
  /** UUID of the card, or `cpu`. */
  device: z.string().max(100),
  kind: z.enum(['cpu', 'gpu']),
  name: z.string().max(200),
  /** What Blender rendered on, e.g. OPTIX. */
  backend: z.string().max(60),
  /** 1,000: a device that renders one work unit of the bench scene a second. The middle of its runs; null: it could not be measured, see `error`. */
  score: z.number().int().min(0).nullable(),
  /** The score of each run that counted. */
  runs: z.array(z.number().int().min(0)).max(20),
  /** Mean power of the card meanwhile; absent where the system does not say. */
  watts: z.number().min(0).optional(),
  error: errorFieldSchema.optional(),
})
export type BenchedDevice = z.infer<typeof benchedDeviceSchema>

export const benchmarkSchema = z.looseObject({
  at: timeSchema,
  /** Name of the bench scene: results of different scenes are not compared. */
  scene: z.string().max(40),
  blenderVersion: z.string().max(40),
  /** What it was measured on (cards, drivers, processor, Blender); another one is measured again. */
  fingerprint: z.string().max(100),
  /** The owner's wish it answered, if it was one. */
  askedAt: timeSchema.optional(),
  devices: z.array(benchedDeviceSchema).max(65),
})
export type Benchmark = z.infer<typeof benchmarkSchema>

/** A bench that is due: it waits (for the node to have nothing to do) or is under way. */
export const benchWorkSchema = z.looseObject({ state: z.enum(['waiting', 'running']), since: timeSchema })
/** How the node's own program stands: what shared/updates/updateState.ts says, without what moves by the second. */
export const updateNoteSchema = z.looseObject({
  state: z.string().max(40),
  /** Why it never updates itself, for `disabled`. */
  reason: z.string().max(40).optional(),
  /** The version that is waited for. */
  version: z.string().max(60).optional(),
  checkedAt: timeSchema.optional(),
  /** Until then it waits for the frame in progress. */
  deadlineAt: timeSchema.optional(),
  problem: errorFieldSchema.optional(),
})
export type UpdateNote = z.infer<typeof updateNoteSchema>

/** The card was used by others while it rendered for the network: why, and until when no work of the network is taken. */
export const blockSchema = z.looseObject({
  code: z.string().max(64),
  since: timeSchema,
  until: timeSchema,
  /** What was seen, in plain words of the machine. Absent from nodes of an older version. */
  evidence: z.record(z.string(), z.union([z.string().max(200), z.number()])).optional(),
  /** When the owner said that it is wrong. */
  contestedAt: timeSchema.optional(),
})
export type Block = z.infer<typeof blockSchema>

/** Work that this node leaves to others for a while, because it failed here. */
export const avoidedWorkSchema = z.looseObject({
  /** `job`, or what failed tasks had in common: `kind`, `engine`, `version` (of Blender), `card`. */
  sort: z.string().max(20),
  value: z.string().max(200),
  /** For people: the job's name, otherwise the value. */
  name: z.string().max(200),
  /** The last error's. */
  code: z.string().max(64),
  since: timeSchema,
  until: timeSchema,
})
export type AvoidedWork = z.infer<typeof avoidedWorkSchema>

/** A database of this node that was found damaged and mended by itself. */
export const repairSchema = z.looseObject({
  at: timeSchema,
  /** Tasks and other documents; what this node keeps for itself in this world; the settings of the program on this computer. */
  what: z.enum(['documents', 'local', 'settings']),
  /** Name of the damaged file in the folder `damaged`; empty: it was gone. */
  keptAs: z.string().max(200),
  /** `waiting`: until the server has said what this node has in hand. */
  state: z.enum(['waiting', 'done']),
  /** Tasks in hand afterwards, and finished frames that were found on the disk although no document knew of them. */
  tasks: z.number().int().min(0).optional(),
  frames: z.number().int().min(0).optional(),
})
export type Repair = z.infer<typeof repairSchema>

/** One per node, written by that node. Hot values (utilisation, temperatures) are not here: they go over the live channel. */
export const nodeSchema = z.looseObject({
  ...baseFields,
  startedAt: timeSchema,
  /** Set when the runtime stops in an orderly way; absent while it runs. */
  stoppedAt: timeSchema.optional(),
  appVersion: z.string(),
  os: z.looseObject({
    platform: z.string(),
    name: z.string(),
    release: z.string(),
    arch: z.string(),
    hostname: z.string(),
    addresses: z.array(z.string().max(60)).max(20).optional(),
  }),
  hardware: z.looseObject({
    cpuName: z.string(),
    cpuCores: z.number().int(),
    ramMiB: z.number().int(),
    diskFreeMiB: z.number().int().nullable(),
    gpus: z.array(gpuSchema),
    diskTotalMiB: z.number().int().nullish(),
    /** Absent: not looked for. `onBattery` is a hot value and not here. */
    hasBattery: z.boolean().optional(),
    displays: z.number().int().optional(),
    disks: z
      .array(z.looseObject({ name: z.string().max(100), kind: z.enum(['ssd', 'hdd', 'other']), sizeMiB: z.number().int().min(0) }))
      .max(50)
      .optional(),
    networks: z
      .array(z.looseObject({ name: z.string().max(100), kind: z.enum(['wired', 'wireless', 'other']) }))
      .max(50)
      .optional(),
  }),
  software: z.array(softwareSchema),
  activeTaskIds: z.array(z.string()),
  holds: z.array(holdSchema),
  failedChecks: z.array(failedCheckSchema),
  /** All of them; absent from nodes of an older version and until the first look at the programs is through. */
  checks: z.array(checkSchema).max(100).optional(),
  /** Absent until it was measured. */
  benchmark: benchmarkSchema.optional(),
  benchWork: benchWorkSchema.optional(),
  /** An unclean end of the last start: work was cut. */
  terminated: z.looseObject({ code: z.string(), at: timeSchema }).optional(),
  /** Now, or until lately: the newest. */
  blocked: blockSchema.optional(),
  /** Earlier ones, newest first. */
  pastBlocks: z.array(blockSchema).max(20).optional(),
  /** Absent from desktop nodes, whose shell shows it. */
  update: updateNoteSchema.optional(),
  /** The computer's clock is so many minutes off; absent while it is right. Work goes by the server's. */
  clockOffMinutes: z.number().int().min(0).optional(),
  /** Until then it works although its preferences would hold it. */
  workAnywayUntil: timeSchema.optional(),
  /** Renders that are stopped in place, with the memory they keep: of this computer, and of cards as far as the renderer says it. */
  suspended: z
    .looseObject({ tasks: z.number().int().min(1), ramMiB: z.number().int().min(0), vramMiB: z.number().int().min(0) })
    .optional(),
  /** Whether the power of cards is capped as wanted; absent where nothing is wanted. `notAllowed`: the driver leaves it to administrators. */
  powerCap: z.looseObject({ state: z.enum(['set', 'notAllowed', 'unsupported']), reason: z.string().max(200).optional() }).optional(),
  /** Newest first; an `until` that has passed counts no more. */
  avoided: z.array(avoidedWorkSchema).max(50).optional(),
  /** Newest first, of the last 30 days. */
  repairs: z.array(repairSchema).max(5).optional(),
  /** Absent: not measured yet. */
  connection: connectionSchema.optional(),
  /** What files may travel at all; absent where nothing is said about it. */
  transfers: transfersSchema.optional(),
  containmentLevel: z.string(),
  generationDone: z.number().int().min(0),
  queuedTaskCount: z.number().int().min(0),
  framesWaitingToUpload: z.number().int().min(0),
})
export type NodeDocument = z.infer<typeof nodeSchema>
