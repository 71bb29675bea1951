import type { Job } from '#shared/collections/job.schema.ts'
import type { Profile } from '#shared/collections/profile.schema.ts'
import type { Run } from '#shared/collections/run.schema.ts'
import type { WireDocument } from '#shared/sync/protocol.ts'

export const makeRun = (id: string, change: Partial<Run> = {}): Run => ({
  id,
  ownerId: 'owner-1',
  nodeId: 'node-1',
  jobId: 'job-1',
  updatedAt: 1,
  leaseToken: 1,
  state: 'queued',
  createdAt: 1,
  frames: {},
  warnings: [],
  ...change,
})

export const makeJob = (id: string, change: Partial<Job> = {}): Job => ({
  id,
  ownerId: 'owner-1',
  updatedAt: 1,
  name: 'job',
  kind: 'blender',
  createdAt: 1,
  frames: [1],
  chunkSize: 1,
  scene: { sha256: 'a'.repeat(64), sizeBytes: 1, name: 's.blend' },
  extraFiles: [],
  settings: {},
  info: { blenderVersion: '3.4' },
  wanted: 'run',
  retryGeneration: 0,
  ...change,
})

export const makeProfile = (change: Partial<Profile> = {}): Profile => ({
  id: 'owner-1',
  ownerId: 'owner-1',
  updatedAt: 1,
  name: 'Ada',
  stamps: {},
  ...change,
})

/** The same document as it travels. Safe: documents are JSON by their schemas. */
export const asWire = (document: { id: string }): WireDocument => document
