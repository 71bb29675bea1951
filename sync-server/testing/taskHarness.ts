import { createHash, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import type { GatewayCallName, GatewayInput, GatewayOutput } from '#shared/api/gatewayCalls.ts'
import type { Job } from '#shared/collections/job.schema.ts'
import type { JsonValue } from '#shared/json.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { Result } from '#shared/result.ts'
import type { Session } from '#shared/sync/backend.ts'
import type { VerifyPicture } from '../acceptance/deliverFrame.ts'
import { archiveProjector } from '../archive/archiveProjector.ts'
import { createCallRegistry } from '../calls/callRegistry.ts'
import { sha256OfFile } from '../files/fileStore.ts'
import { openFiles } from '../files/openFiles.ts'
import type { GatewayContext } from '../gatewayContext.ts'
import { createRouteTable } from '../http/routeTable.ts'
import type { Projection } from '../projection/projection.ts'
import type { DocumentStore } from '../store/documentStore.ts'
import { createConnections } from '../sync/connections.ts'
import { createLiveHub } from '../sync/liveHub.ts'
import { createTaskServices } from '../taskServices.ts'
import { quietLogger, realClock } from './plainParts.ts'

export const sessionOf = (ownerId: string, nodeId: string | null = null): Session => ({
  sessionId: `s-${ownerId}-${nodeId ?? 'owner'}`,
  ownerId,
  nodeId,
  isOwner: nodeId === null,
  expiresAtMs: null,
})

export const capable = {
  kinds: ['blender'],
  blenderVersions: ['3.4'],
  engines: ['CYCLES', 'BLENDER_EEVEE', 'BLENDER_WORKBENCH'],
  denoisers: [],
  vramMiB: 0,
  heldMs: 0,
  bufferMs: 1_800_000,
  slots: 1,
  holding: [],
} satisfies GatewayInput<'work.request'>

/** The services of the path of a task over any store, with the calls and files a test makes use of. */
export function createTaskHarness(parts: {
  store: DocumentStore
  projection: Projection
  folder: string
  clock?: Clock
  verify?: VerifyPicture
  log?: Logger
  /** Of several on one store. */
  gatewayId?: string
}) {
  const calls = createCallRegistry(quietLogger)
  const connections = createConnections()
  const live = createLiveHub()
  const context: GatewayContext = {
    serverId: 'server-1',
    gatewayId: parts.gatewayId ?? 'gateway-1',
    dataFolder: parts.folder,
    ...{ filesTarget: null, hasPeers: false },
    store: parts.store,
    projection: parts.projection,
    calls,
    routes: createRouteTable(),
    live,
    connections,
    // The path of a task has nothing to do with series; a use of them would show as an error here.
    series: {
      append: () => Promise.reject(new Error('unused')),
      read: () => Promise.reject(new Error('unused')),
      dropOlderThan: () => Promise.reject(new Error('unused')),
    },
    ages: { areAgesTrue: () => Promise.resolve(true) },
    log: parts.log ?? quietLogger,
    clock: parts.clock ?? realClock,
  }
  parts.projection.registerProjector(archiveProjector)
  const services = createTaskServices(context, parts.verify ? { verify: parts.verify } : {})
  const { files, ownUploads } = openFiles(context)

  return {
    context,
    services,
    files,
    connections,
    live,
    async call<Name extends GatewayCallName>(
      session: Session,
      name: Name,
      input: GatewayInput<Name>,
    ): Promise<Result<GatewayOutput<Name>>> {
      // Safe: the registry answers with what the call's output schema describes.
      return (await calls.call(session, name, input as JsonValue)) as Result<GatewayOutput<Name>>
    },
    /** Puts a file into an owner's space as a finished upload does; `upload` says which frame of which task it came up for. */
    async putFile(ownerId: string, bytes: Uint8Array, upload?: { taskId: string; frame: number }): Promise<string> {
      const path = join(parts.folder, `incoming-${randomBytes(6).toString('hex')}`)
      await writeFile(path, bytes)
      const sha256 = await sha256OfFile(path)
      await files.commit(ownerId, sha256, path)
      if (upload) await ownUploads.add({ ...upload, sha256 })
      return sha256
    },
  }
}

/** The smallest .blend there is: a header and the end mark. */
export const tinyBlend = Buffer.concat([Buffer.from('BLENDER-v304'), Buffer.from('ENDB'), Buffer.alloc(20)])
export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export const tinyPng = (seed: number, width = 64, height = 36): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: { r: seed % 256, g: (seed >> 8) % 256, b: 7 } } })
    .png()
    .toBuffer()

export const jobOf = (changes: Partial<Job> = {}): Job => ({
  id: 'job-1',
  ownerId: 'owner-1',
  updatedAt: 1,
  name: 'Demo',
  kind: 'blender',
  createdAt: 1,
  frames: [1, 2, 3, 4, 5],
  chunkSize: 2,
  scene: { sha256: sha256Of(tinyBlend), sizeBytes: tinyBlend.length, name: 'demo.blend' },
  extraFiles: [],
  settings: { format: 'PNG', width: 64, height: 36, samples: 1 },
  info: { blenderVersion: '3.4', engine: 'CYCLES' },
  wanted: 'run',
  retryGeneration: 0,
  ...changes,
})

/**
 * Lets what is gathered by time be written: until nothing has been written for a while, however slow the machine is. `isOver` ends it
 * early (the store is dead, so nothing will ever be idle).
 */
export async function untilQuiet(parts: {
  idle(): Promise<void>
  clock: { advance(ms: number): void }
  writes(): number
  isOver?: () => boolean
}): Promise<void> {
  for (let quiet = 0; quiet < 4;) {
    const before = parts.writes()
    let isIdle = false
    const idle = parts.idle().then(() => (isIdle = true))
    while (!isIdle && parts.isOver?.() !== true) {
      parts.clock.advance(2_000)
      await Promise.race([idle, new Promise((resolve) => setImmediate(resolve))])
    }
    await new Promise((resolve) => setTimeout(resolve, 2))
    quiet = parts.writes() === before ? quiet + 1 : 0
  }
}
