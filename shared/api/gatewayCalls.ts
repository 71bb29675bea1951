import { z } from 'zod'
import { errorFieldSchema, frameNumberSchema, labelSchema, microSchema, timeSchema } from '../collections/common.ts'
import { earningSchema } from '../collections/earning.schema.ts'
import { jobSchema } from '../collections/job.schema.ts'
import { preferencesByTagSchema } from '../collections/preferences.schema.ts'
import { verdictSchema } from '../collections/task.schema.ts'
import { workerSchema } from '../collections/worker.schema.ts'
import { idSchema, sha256Schema } from '../ids.ts'
import { requirementsSchema } from '../rules/requirements.ts'
import { defineCall } from './call.ts'
import { workerConfigSchema } from './workerConfig.ts'

const nothing = z.looseObject({})

/** One sign-in of an owner. Its id is no credential: it is a hash of it. */
export const accountSessionSchema = z.looseObject({
  sessionId: z.string(),
  createdAt: timeSchema,
  /** To within an hour. */
  lastUsedAt: timeSchema,
  expiresAt: timeSchema,
  /** What the program said it is, e.g. a browser's User-Agent; empty when it said nothing. */
  program: z.string().max(300),
  /** The network address it signed in from. */
  address: z.string().max(100),
  /** The one that asks. */
  current: z.boolean(),
})
export type AccountSession = z.infer<typeof accountSessionSchema>

const microText = z.string().regex(/^-?\d+$/)
export const ledgerSumSchema = z.object({
  kind: z.enum(['network', 'selfRender']),
  state: z.enum(['pending', 'final', 'paid', 'reversed']),
  day: z.string(),
  entries: z.number().int(),
  grossMicro: microText,
  feeMicro: microText,
  netMicro: microText,
})
export type LedgerSum = z.infer<typeof ledgerSumSchema>

/** Which entries of the ledger; times by booking, `fromMs` inside, `toMs` outside. */
export const ledgerFilterSchema = z.looseObject({
  fromMs: timeSchema.optional(),
  toMs: timeSchema.optional(),
  nodeId: z.string().min(1).max(200).optional(),
  jobId: z.string().min(1).max(200).optional(),
  kind: z.enum(['network', 'selfRender', 'correction']).optional(),
  state: z.enum(['pending', 'final', 'paid', 'reversed']).optional(),
})
/** A line of totals of the ledger, see rules/ledgerTotals.ts; `key` is the day in the asked zone, the node or the job, `name` a job's name. */
export const ledgerGroupSchema = z.object({
  key: z.string(),
  name: z.string(),
  count: z.number().int(),
  frames: z.number().int(),
  grossMicro: microText,
  feeMicro: microText,
  netMicro: microText,
  pendingMicro: microText,
  finalMicro: microText,
  selfRenderMicro: microText,
})
export type LedgerGroupSums = z.infer<typeof ledgerGroupSchema>

/** What is, was or will not be transferred to an owner. `settled`: all of its entries say that they are paid. */
export const payoutSchema = z.looseObject({
  payoutId: z.string(),
  ownerId: idSchema,
  wallet: z.string(),
  state: z.enum(['open', 'paid', 'settled', 'dropped']),
  netMicro: microSchema,
  entries: z.number().int(),
  createdAt: timeSchema,
  reference: z.string().optional(),
  paidAt: timeSchema.optional(),
})
export type PayoutSummary = z.infer<typeof payoutSchema>
/** A version of a program with what it can do, anywhere in the network. `workers`: how many connected computers have it. */
export const networkProgramSchema = z.looseObject({
  kind: z.string(),
  version: z.string(),
  engines: z.array(z.string()),
  devices: z.array(z.string()),
  denoisers: z.array(z.string()),
  workers: z.number().int(),
})
export type NetworkProgram = z.infer<typeof networkProgramSchema>

/** As the owner's profile had them at `updatedAt`. */
export const tagPreferencesSchema = z.looseObject({ updatedAt: timeSchema, byTag: preferencesByTagSchema })
export type TagPreferences = z.infer<typeof tagPreferencesSchema>

/**
 * Commands of the gateway: made by the protocol's `call`, or `POST /api/call/<name>`. What is data is not here: it is pushed.
 * A runtime forwards the owner's calls that are not its own to its gateway.
 */
export const gatewayCalls = {
  /** Makes a worker and its config file with a fresh enrolment token. */
  'workers.create': defineCall(
    ['owner', 'operator'],
    z.looseObject({ name: labelSchema, ownerId: idSchema.optional(), uses: z.number().int().min(1).max(10_000).optional() }),
    z.object({ worker: workerSchema, config: workerConfigSchema }),
  ),
  /** A new config file (and token) for an existing worker. */
  'workers.config': defineCall(['owner', 'operator'], z.looseObject({ workerId: idSchema }), z.object({ config: workerConfigSchema })),
  /** Takes the node's key away; takes effect at once. */
  'workers.revoke': defineCall(['owner', 'operator'], z.looseObject({ workerId: idSchema }), nothing),
  /** A job that was checked by the sender; the same as pushing the document, but answers with the refusal at once. */
  'jobs.submit': defineCall(['owner', 'operator'], z.looseObject({ job: jobSchema }), z.object({ jobId: idSchema })),
  'owners.add': defineCall(
    ['operator'],
    z.looseObject({ name: labelSchema, password: z.string().max(500).optional() }),
    z.object({ ownerId: idSchema, signInSecret: z.string() }),
  ),
  'owners.list': defineCall(['operator'], nothing, z.object({ owners: z.array(z.looseObject({ ownerId: idSchema, name: z.string() })) })),
  /** A one-time sign-in secret for the owner (15 min). */
  'owners.link': defineCall(
    ['owner', 'operator'],
    z.looseObject({ ownerId: idSchema.optional() }),
    z.object({ secret: z.string(), ownerId: idSchema, expiresAt: timeSchema }),
  ),
  /** The owner's own account, as far as it is not data: how it is got into. */
  'account.get': defineCall(['owner'], nothing, z.object({ name: z.string(), hasPassword: z.boolean() })),
  /** Sets or changes the password; one that exists must be given. Everybody else who was signed in is signed out. */
  'account.setPassword': defineCall(
    ['owner'],
    z.looseObject({ current: z.string().max(500).optional(), next: z.string().max(500) }),
    z.object({ ended: z.number().int() }),
  ),
  /** Where the owner is signed in, newest use first. */
  'account.sessions': defineCall(['owner'], nothing, z.object({ sessions: z.array(accountSessionSchema) })),
  'account.endSession': defineCall(['owner'], z.looseObject({ sessionId: z.string().max(100) }), nothing),
  /** Ends all but the one that asks. */
  'account.endOthers': defineCall(['owner'], nothing, z.object({ ended: z.number().int() })),
  'server.status': defineCall(
    ['owner', 'operator'],
    nothing,
    z.looseObject({
      version: z.string(),
      store: z.string(),
      owners: z.number().int(),
      nodesConnected: z.number().int(),
      chunksOpen: z.number().int(),
      /** What was put away; absent from servers of an older version. */
      archive: z.looseObject({ documents: z.number().int(), segments: z.number().int(), oldestMonth: z.string().nullable() }).optional(),
      epoch: z.string(),
    }),
  ),
  /**
   * Documents of a collection of which a dashboard holds only a window (windows.ts): those of the ids, or the newest before a place, of one node
   * or job when it is named. `more`: there may be older ones. A node is given those of its own, as when it pulls.
   */
  'documents.page': defineCall(
    ['owner', 'node'],
    z.looseObject({
      collection: z.enum(['tasks', 'runs', 'earnings', 'jobs', 'jobStates', 'notices', 'rollups']),
      ids: z.array(idSchema).max(500).optional(),
      nodeId: idSchema.optional(),
      jobId: idSchema.optional(),
      before: z.object({ at: timeSchema, id: z.string().max(200) }).optional(),
      limit: z.number().int().min(1).max(1_000),
    }),
    z.object({ documents: z.array(z.looseObject({ id: z.string() })), more: z.boolean() }),
  ),
  /** What each node earned (net, from the network) and how its tasks ended, over the UTC days from `fromDay` up to but not including `toDay`. */
  'fleet.totals': defineCall(
    ['owner'],
    z.looseObject({ fromDay: z.iso.date(), toDay: z.iso.date() }),
    z.object({
      nodes: z.array(
        z.object({
          nodeId: z.string(),
          networkNetMicro: microSchema,
          tasksCompleted: z.number().int(),
          tasksFailed: z.number().int(),
        }),
      ),
    }),
  ),
  /**
   * What workers did in each stretch of time between two neighbours of `bounds` (whole UTC days, or whole hours of at most eight days): those of the
   * largest workers or tags, at most `most`, and if there are more workers than that, all the others as one. By tag a worker counts under each of
   * its tags, under the empty one without any. `knownFromMs`: before it nothing is known, which is not nothing.
   */
  'fleet.activity': defineCall(
    ['owner'],
    z.looseObject({
      measure: z.enum(['earnings', 'frames', 'tasks']),
      split: z.enum(['worker', 'tag']),
      bounds: z.array(timeSchema).min(2).max(600),
      most: z.number().int().min(1).max(50),
    }),
    z.object({
      knownFromMs: timeSchema.nullable(),
      groups: z.array(z.object({ key: z.string(), values: z.array(microText), total: microText })),
      others: z.array(microText).nullable(),
    }),
  ),
  /** The whole ledger summed by world, state and UTC day of booking; amounts are decimal strings of micro-PICTOR. */
  'earnings.totals': defineCall(['owner'], nothing, z.object({ sums: z.array(ledgerSumSchema) })),
  /**
   * The ledger's totals over all entries that fit, exact, also over those that no page holds: as one line, or a line for each day of the IANA zone,
   * node or job (newest day first, else most net first; `more`: there are lines beyond the 10,000 that are given). A node is given its own.
   */
  'earnings.sums': defineCall(
    ['owner', 'node'],
    z.looseObject({
      filter: ledgerFilterSchema,
      by: z.enum(['all', 'day', 'worker', 'job']),
      zone: z.string().max(100),
    }),
    z.object({ groups: z.array(ledgerGroupSchema), more: z.boolean() }),
  ),
  /** What this server asks of the computers that work for it; see rules/requirements.ts. */
  'node.policy': defineCall(['owner', 'node', 'operator'], nothing, z.looseObject({ requirements: requirementsSchema })),
  /** What the owner wants of computers with a tag; see rules/effectivePreferences.ts. */
  'node.tagPreferences': defineCall(['owner', 'node'], nothing, tagPreferencesSchema),
  /** What the network pays and takes, in micro-PICTOR for a work unit; see rules/bids.ts. */
  'network.prices': defineCall(
    ['owner', 'node', 'operator'],
    nothing,
    z.looseObject({
      averageMicroPerUnit: microSchema,
      /** Owners whose workers are connected and so have a voice in it. */
      owners: z.number().int(),
      limitMicroPerUnit: microSchema,
      feeBasisPoints: z.number().int(),
    }),
  ),
  'payouts.list': defineCall(['operator'], nothing, z.object({ payouts: z.array(payoutSchema) })),
  /** Makes a payout for every owner who is owed at least so much and has a wallet; an open one is given again as it is. */
  'payouts.prepare': defineCall(
    ['operator'],
    z.looseObject({ leastMicro: microSchema.min(0).optional() }),
    z.object({ payouts: z.array(payoutSchema), withoutWallet: z.array(z.object({ ownerId: idSchema, netMicro: microSchema })) }),
  ),
  /** It was transferred; `reference` says where (a transaction's id). Repeating it changes nothing. */
  'payouts.paid': defineCall(['operator'], z.looseObject({ payoutId: idSchema, reference: z.string().min(1).max(200) }), payoutSchema),
  'payouts.drop': defineCall(['operator'], z.looseObject({ payoutId: idSchema }), payoutSchema),
  /** Takes an entry back that was not paid yet. */
  'earnings.reverse': defineCall(
    ['operator'],
    z.looseObject({ ownerId: idSchema, entryId: idSchema, reason: z.string().min(1).max(200) }),
    earningSchema,
  ),
  /** What the connected computers of all owners can render and upscale with: a line for each version of a program, and how many of them have it. */
  'network.software': defineCall(
    ['owner', 'node'],
    nothing,
    z.looseObject({ programs: z.array(networkProgramSchema), workers: z.number().int() }),
  ),
  /** Begins a backup into a folder of the server's computer (whole path, empty or not there). Ask `server.backupState` for how far it is. */
  'server.backup': defineCall(['operator'], z.looseObject({ folder: z.string().min(1).max(4_096) }), z.object({ backupId: z.string() })),
  /** `report` is null while it is under way; a backup that failed answers with its error. */
  'server.backupState': defineCall(
    ['operator'],
    z.looseObject({ backupId: z.string().max(100) }),
    z.object({
      done: z.number().int(),
      total: z.number().int(),
      report: z.object({ documents: z.number().int(), files: z.number().int() }).nullable(),
    }),
  ),

  /** A node asks for work: how many tasks and how much time it wants in its buffer. Tasks come as documents. */
  'work.request': defineCall(
    ['node'],
    z.looseObject({
      kinds: z.array(z.enum(['blender', 'upscale'])),
      /** Versions `major.minor` of the Blenders here. */
      blenderVersions: z.array(z.string()),
      engines: z.array(z.string()),
      denoisers: z.array(z.string()),
      vramMiB: z.number().int(),
      /** Estimated work already held, and wanted in all. */
      heldMs: z.number(),
      bufferMs: z.number(),
      slots: z.number().int().min(1).max(64),
      /** Jobs that failed there repeatedly and are left to others for a while. */
      avoidJobs: z.array(idSchema).max(100).optional(),
      /** Open tasks the node holds, so that both sides agree. */
      holding: z.array(idSchema).max(10_000),
    }),
    z.object({ taskIds: z.array(idSchema), retryAfterMs: z.number().int() }),
  ),
  /** A frame's picture is uploaded: judge it. Idempotent: the same frame and hash get the same verdict. */
  'frame.deliver': defineCall(
    ['node'],
    z.looseObject({
      taskId: idSchema,
      leaseToken: z.number().int(),
      frame: frameNumberSchema,
      sha256: sha256Schema,
      renderMs: z.number().min(0),
    }),
    z.object({ verdict: verdictSchema }),
  ),
  /** The node is through with a task: done, failed (with the cause) or given back. */
  'task.finish': defineCall(
    ['node'],
    z.looseObject({
      taskId: idSchema,
      leaseToken: z.number().int(),
      outcome: z.enum(['done', 'failed', 'released']),
      error: errorFieldSchema.optional(),
      failedFrames: z.array(frameNumberSchema).max(100_000).optional(),
    }),
    z.object({ closedAs: z.string() }),
  ),
  'lease.renew': defineCall(
    ['node'],
    z.looseObject({ taskId: idSchema, leaseToken: z.number().int() }),
    z.object({ expiresAt: timeSchema }),
  ),
} as const

export type GatewayCallName = keyof typeof gatewayCalls
export type GatewayInput<Name extends GatewayCallName> = z.infer<(typeof gatewayCalls)[Name]['input']>
export type GatewayOutput<Name extends GatewayCallName> = z.infer<(typeof gatewayCalls)[Name]['output']>

export function isGatewayCall(name: string): name is GatewayCallName {
  return Object.hasOwn(gatewayCalls, name)
}
