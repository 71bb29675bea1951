import { join } from 'node:path'
import { durations } from '#shared/durations.ts'
import { attemptProjector, leftUnsettled, unsettledChunks } from './acceptance/attemptProjector.ts'
import { createDeliverFrame, type VerifyPicture } from './acceptance/deliverFrame.ts'
import { createFinishTask, createRenewLease } from './acceptance/finishTask.ts'
import { sweepLeases } from './acceptance/leaseSweep.ts'
import { createArchiveReader } from './archive/archiveReader.ts'
import { choiceProjector } from './dispatch/choiceProjector.ts'
import { chooseCopy } from './dispatch/chooseCopy.ts'
import { copyProjector } from './dispatch/copyProjector.ts'
import { createFrameTimes } from './dispatch/frameTimes.ts'
import { createWakeIdle } from './dispatch/wakeIdle.ts'
import { createWorkRequest } from './dispatch/workRequest.ts'
import { findFor } from './files/fileAccess.ts'
import { fileRoutes } from './files/fileRoutes.ts'
import { openFiles } from './files/openFiles.ts'
import { createUploads } from './files/uploads.ts'
import type { GatewayContext, GatewayService } from './gatewayContext.ts'
import { verifyFrame } from './images/verifyFrame.ts'
import type { Chunk } from './jobs/chunk.ts'
import { createJobBriefs } from './jobs/jobBriefs.ts'
import { createJobProgress } from './jobs/jobProgress.ts'
import { jobProjector } from './jobs/jobProjector.ts'
import { createJobService } from './jobs/jobService.ts'
import { createSubmitJob } from './jobs/submitJob.ts'
import { ledgerProjector } from './ledger/ledgerProjector.ts'
import { createSettler } from './ledger/settler.ts'
import { createTaskNotices } from './notices/taskNotices.ts'
import { bidProjector } from './pricing/bidProjector.ts'
import { frameWorkProjector } from './pricing/frameWorkProjector.ts'
import { createNetworkPrices } from './pricing/networkPrices.ts'
import { createPricing } from './pricing/pricing.ts'
import { createPresenceService } from './presence/presenceService.ts'
import { nodeDayProjector } from './rollups/nodeDayProjector.ts'
import { rollupProjector } from './rollups/rollupProjector.ts'
import { createRollupWriter } from './rollups/rollupWriter.ts'
import { createFrameFinder, createOldJobs } from './thumbnails/frameFinder.ts'
import { pictureRoutes } from './thumbnails/pictureRoutes.ts'
import { createThumbnailCache } from './thumbnails/thumbnailCache.ts'
import { createNetworkSoftware } from './software/networkSoftware.ts'
import { softwareProjector } from './software/softwareProjector.ts'
import { createPeriodic } from './upkeep/periodic.ts'

/** Idle nodes are told this often of copies that became due. */
const copiesEveryMs = 15_000
/** Leases are looked at this often. */
const leaseSweepMs = 30_000
/** And what another gateway, which may be gone for good, has begun and not ended. */
const leftOverMs = 60_000

/** The tables that the services below read by. */
export const taskProjectors = [
  ...[choiceProjector, copyProjector, attemptProjector, jobProjector, rollupProjector],
  ...[frameWorkProjector, bidProjector, nodeDayProjector, ledgerProjector, softwareProjector],
] as const

export interface TaskServices extends GatewayService {
  /** Resolves when everything that follows from what was done so far is written. For tests and the command line. */
  idle(): Promise<void>
  sweepLeases(): Promise<number>
}

/**
 * The path of a task on the server, from a job to the ledger: files, jobs, dispatch, acceptance, settlement, roll-ups, notices, presence,
 * pictures. Registers its projectors, calls and routes; nothing runs before `start`.
 */
export function createTaskServices(context: GatewayContext, options: { verify?: VerifyPicture } = {}): TaskServices {
  const { store, projection, calls, routes, live, connections, clock, dataFolder } = context
  const { database } = projection
  const log = context.log.child('tasks')
  for (const projector of taskProjectors) projection.registerProjector(projector)

  const archive = createArchiveReader(store, database)
  const briefs = createJobBriefs(store)
  const { files, ownUploads, holders } = openFiles(context)
  const thumbnails = createThumbnailCache(join(dataFolder, 'thumbnails'))
  const notices = createTaskNotices({ store, log, clock })
  const frameTimes = createFrameTimes()
  const isConnected = (nodeId: string) => connections.nodeConnected(nodeId)
  const pricing = createPricing({ database, clock })
  const nothingTaken = new Set<string>()
  const wakeIdle = createWakeIdle({
    ...{ database, live, clock, isConnected },
    averageMicroPerUnit: () => pricing.averageMicroPerUnit(),
    copyFor: (asker) => chooseCopy(database, asker, clock.now(), frameTimes, nothingTaken) !== null,
  })
  const progress = createJobProgress({ store, database, briefs, log, clock, onJobSettled: notices.jobSettled })
  const settler = createSettler({ store, briefs, log, clock, onSettled: (chunk) => progress.touch(chunk) })
  const jobs = createJobService({ store, database, files, progress, settler, log, clock, onJobFailed: notices.jobSettled })
  const uploads = createUploads({
    folder: join(dataFolder, 'uploads'),
    files,
    store,
    log,
    clock,
    onStored: (ownerId) => jobs.fileStored(ownerId),
    ownUploads,
    holders,
    gatewayId: context.gatewayId,
  })
  const rollups = createRollupWriter({ store, database, log, clock })
  const presence = createPresenceService({
    store,
    connections,
    gatewayId: context.gatewayId,
    log,
    clock,
    onLongGone: notices.longGone,
  })

  const onChanged = (chunkId: string): void => {
    void settler.settle(chunkId)
  }
  calls.register({
    'jobs.submit': createSubmitJob(store),
    'work.request': createWorkRequest({
      store,
      database,
      settler,
      frameTimes,
      wakeIdle,
      pricing,
      clock,
      log,
      nodesConnected: () => connections.list().length,
    }),
    'frame.deliver': createDeliverFrame({
      store,
      briefs,
      files,
      ownUploads,
      holders,
      clock,
      verify: options.verify ?? verifyFrame,
      onChanged,
      onAccepted: (chunk, renderMs) => frameTimes.add(chunk.jobOwnerId, chunk.jobId, renderMs),
      onRejected: notices.frameRefused,
    }),
    'task.finish': createFinishTask({ store, clock, onChanged }),
    'network.prices': createNetworkPrices(pricing),
    'network.software': createNetworkSoftware({ database, clock }),
    'lease.renew': createRenewLease({ store, clock, onChanged }),
  })
  routes.add(
    ...fileRoutes(uploads, (session, sha256) => findFor({ files, holders, store, briefs, database }, session, sha256)),
    ...pictureRoutes({ files, holders, thumbnails, log, find: createFrameFinder(store, archive), briefs: createOldJobs(briefs, archive) }),
  )

  const stops: Array<() => void> = []
  const periodic = createPeriodic(clock, log)
  const sweep = (): Promise<number> =>
    sweepLeases({
      store,
      database,
      clock,
      log,
      onExpired(chunk, taskId) {
        onChanged(chunk.id)
        notices.leaseExpired(chunk, taskId)
      },
    })

  async function idle(): Promise<void> {
    // Each may hand on to the next.
    for (const part of [jobs, settler, progress, rollups, presence]) await part.idle()
  }

  return {
    name: 'tasks',
    async start() {
      stops.push(
        store.onWritten((event) => {
          if (event.collection === 'chunks' && event.ownerId === null) {
            wakeIdle.poke()
            // Also of chunks that another gateway changed: each may have summed up before it heard of the other's change, and the last to hear sums up all.
            const chunk = event.document as Chunk
            if (chunk.attempts.length > 0) progress.touch(chunk)
          }
          // A pause that ended, or another bid.
          else if (event.collection === 'workers') wakeIdle.poke()
          else if (event.collection === 'nodes') notices.nodeWritten(event)
        }),
      )
      await presence.start()
      rollups.start()
      jobs.start()
      // Whatever a crash left half written is written now; the index lists nothing else.
      for (const chunkId of unsettledChunks(database)) onChanged(chunkId)
      periodic.every(leaseSweepMs, sweep)
      periodic.every(leftOverMs, async () => {
        await store.noticeNew()
        for (const chunkId of leftUnsettled(database)) onChanged(chunkId)
        await jobs.takeUpLeft()
      })
      periodic.every(copiesEveryMs, () => Promise.resolve(wakeIdle.poke({ copies: true })))
      periodic.every(durations.upkeepIntervalMs, async () => {
        const mayDrop = await context.ages.areAgesTrue()
        await uploads.sweep({ mayDrop })
        if (mayDrop) await ownUploads.sweep(clock.now())
        if (mayDrop) await holders.sweep(clock.now())
        await files.trim()
        await thumbnails.trim()
      })
      const taken = await uploads.sweep({ mayDrop: await context.ages.areAgesTrue() })
      if (taken.finished + taken.dropped > 0) log.info('uploads of before were looked at', taken)
    },
    async stop() {
      for (const stop of stops.splice(0)) stop()
      wakeIdle.stop()
      await periodic.stop()
      await presence.stop()
      await jobs.stop()
      await settler.stop()
      await progress.stop()
      await rollups.stop()
      briefs.stop()
    },
    idle,
    sweepLeases: sweep,
  }
}
