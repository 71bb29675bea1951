import type { z } from 'zod'
import { earningSchema, type Earning } from './earning.schema.ts'
import { jobSchema, jobStateSchema, type Job, type JobState } from './job.schema.ts'
import { nodeSchema, type NodeDocument } from './node.schema.ts'
import { noticeSchema, type Notice } from './notice.schema.ts'
import { presenceSchema, type Presence } from './presence.schema.ts'
import { profileSchema, type Profile } from './profile.schema.ts'
import { rollupSchema, type Rollup } from './rollup.schema.ts'
import { runSchema, type Run } from './run.schema.ts'
import { taskSchema, type Task } from './task.schema.ts'
import { workerSchema, type Worker } from './worker.schema.ts'

/** The replicated collections and the type of their documents. */
export interface Documents {
  profile: Profile
  workers: Worker
  nodes: NodeDocument
  presence: Presence
  tasks: Task
  runs: Run
  earnings: Earning
  rollups: Rollup
  jobs: Job
  jobStates: JobState
  notices: Notice
}
export type CollectionName = keyof Documents

/** Who may write a document of the collection (design: exactly one role each). */
export type Writer = 'owner' | 'node' | 'server'

/** A field that is indexed, with the bounds RxDB needs for its index strings. */
export type IndexedField = { type: 'string'; maxLength: number } | { type: 'time' }

export interface CollectionDefinition<Name extends CollectionName> {
  name: Name
  /** Grows when stored documents must be migrated. Peers tolerate N-1 and N+1. */
  schemaVersion: number
  schema: z.ZodType<Documents[Name]>
  writer: Writer
  /** True where two dashboards may edit the same document: fields merge by their stamps instead of "the server's wins". */
  mergesFields: boolean
  /** The field that names the node a document belongs to; a node may read only those. null: not for nodes. `id`: the id is the node's. */
  nodeField: 'nodeId' | 'id' | null
  indexes: string[][]
  indexedFields: Record<string, IndexedField>
}

const id = { type: 'string', maxLength: 120 } as const
const short = { type: 'string', maxLength: 20 } as const
const time = { type: 'time' } as const

/** The one table of what is replicated: storage schemas, access rules, projections and clients are all derived from it. */
export const collections: { [Name in CollectionName]: CollectionDefinition<Name> } = {
  profile: {
    name: 'profile',
    schemaVersion: 0,
    schema: profileSchema,
    writer: 'owner',
    mergesFields: true,
    nodeField: null,
    indexes: [],
    indexedFields: {},
  },
  workers: {
    name: 'workers',
    schemaVersion: 0,
    schema: workerSchema,
    writer: 'owner',
    mergesFields: true,
    nodeField: 'id',
    indexes: [['createdAt']],
    indexedFields: { createdAt: time },
  },
  nodes: {
    name: 'nodes',
    schemaVersion: 0,
    schema: nodeSchema,
    writer: 'node',
    mergesFields: false,
    nodeField: 'id',
    indexes: [],
    indexedFields: {},
  },
  presence: {
    name: 'presence',
    schemaVersion: 0,
    schema: presenceSchema,
    writer: 'server',
    mergesFields: false,
    nodeField: 'id',
    indexes: [],
    indexedFields: {},
  },
  tasks: {
    name: 'tasks',
    schemaVersion: 0,
    schema: taskSchema,
    writer: 'server',
    mergesFields: false,
    nodeField: 'nodeId',
    indexes: [['createdAt'], ['state', 'createdAt'], ['nodeId', 'createdAt'], ['jobId', 'createdAt']],
    indexedFields: { createdAt: time, state: short, nodeId: id, jobId: id },
  },
  runs: {
    name: 'runs',
    schemaVersion: 0,
    schema: runSchema,
    writer: 'node',
    mergesFields: false,
    nodeField: 'nodeId',
    indexes: [['createdAt'], ['state', 'createdAt'], ['nodeId', 'createdAt'], ['jobId', 'createdAt']],
    indexedFields: { createdAt: time, state: short, nodeId: id, jobId: id },
  },
  earnings: {
    name: 'earnings',
    schemaVersion: 0,
    schema: earningSchema,
    writer: 'server',
    mergesFields: false,
    nodeField: 'nodeId',
    indexes: [['createdAt'], ['nodeId', 'createdAt'], ['jobId', 'createdAt']],
    indexedFields: { createdAt: time, nodeId: id, jobId: id },
  },
  rollups: {
    name: 'rollups',
    schemaVersion: 0,
    schema: rollupSchema,
    writer: 'server',
    mergesFields: false,
    nodeField: 'nodeId',
    indexes: [['day']],
    indexedFields: { day: short },
  },
  jobs: {
    name: 'jobs',
    schemaVersion: 0,
    schema: jobSchema,
    writer: 'owner',
    mergesFields: false,
    nodeField: null,
    indexes: [['createdAt']],
    indexedFields: { createdAt: time },
  },
  jobStates: {
    name: 'jobStates',
    schemaVersion: 0,
    schema: jobStateSchema,
    writer: 'server',
    mergesFields: false,
    nodeField: null,
    indexes: [],
    indexedFields: {},
  },
  notices: {
    name: 'notices',
    schemaVersion: 0,
    schema: noticeSchema,
    writer: 'server',
    mergesFields: false,
    nodeField: 'nodeId',
    indexes: [['at']],
    indexedFields: { at: time },
  },
}

export const collectionNames = Object.keys(collections) as CollectionName[]

export function isCollectionName(name: string): name is CollectionName {
  return Object.hasOwn(collections, name)
}
