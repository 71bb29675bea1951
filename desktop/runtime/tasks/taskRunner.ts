import { join } from 'node:path'
import type { Run } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import { toAppError, type AppError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { isEnded } from '#shared/rules/runState.ts'
import type { LiveTask } from '#shared/sync/live.ts'
import type { Engine, RenderDevice, RenderProgress } from '../engines/engine.ts'
import type { MemoryLimits } from '../engines/process/memoryGuard.ts'
import type { Holds } from '../node/holds.ts'
import type { ServerClock } from '../node/serverClock.ts'
import type { KeptLessons } from './avoid/openLessons.ts'
import { createEstimates, type Estimates } from './estimates.ts'
import type { FileCache } from './fetch/fileCache.ts'
import type { EffectivePause } from './pause.ts'
import type { Documents, Gateway } from './ports.ts'
import { countFailures, type FailureCounts } from './render/failurePolicy.ts'
import type { RunningRender } from './render/renderTask.ts'
import type { VerifyFrame } from './results/keepFrame.ts'
import { openResultStore, type ResultStore } from './results/resultStore.ts'
import { openJournal, type Journal } from './run/journal.ts'
import { loadTasks } from './rescue/loadTasks.ts'
import { entryOf } from './runner/entryOf.ts'
import { framesIn } from './run/runChanges.ts'
import { createTurn } from './runner/turn.ts'
import { liveTasks } from './runner/liveTasks.ts'
import { startDeliveries, type Deliveries } from './upload/deliveries.ts'
import { fileLine } from '../transfers/fileLine.ts'
import type { Transfers } from '../transfers/transfers.ts'
import { tusUpload, type UploadFile } from './upload/tusUpload.ts'
import type { UploadUrls } from './upload/uploadUrls.ts'
import type { Activity } from './plan/plan.ts'

export interface TaskRunnerOptions {
  /** Of this world: `work`, `scenes` and `results` are made inside. */
  folder: string
  nodeId: string
  tasks: Documents<Task>
  runs: Documents<Run>
  gateway: Gateway
  engine: Pick<Engine, 'render'>
  verify: VerifyFrame
  /** One for each render that may run at a time. */
  devices: () => readonly RenderDevice[]
  /** Of the programs that render, towards everything else on this computer. */
  priority: () => 'low' | 'normal'
  /** What renders may keep in memory. */
  limits: () => MemoryLimits
  /** Bytes that may still be written, by the limits of the owner; Infinity without any. */
  roomBytes: () => Promise<number>
  pause: () => EffectivePause
  /** What this node learnt from its failures. */
  lessons: KeptLessons
  holds: Holds
  /** Why no work of the network is done here now. */
  blocked: () => AppError | null
  serverClock: ServerClock
  clock: Clock
  log: Logger
  appendLog: (taskId: string, line: string) => void
  freeBytes: () => Promise<number | null>
  /** Hashes of cached files that others need, beside those of open tasks. */
  pinned: () => readonly string[]
  cache: FileCache
  urls: UploadUrls
  transfers: Pick<Transfers, 'hold' | 'take' | 'signal' | 'onChange'>
  /** The database that knew what this node has in hand was lost: nothing is begun until the server's word is here. */
  restoring?: { until: Promise<void>; done: (found: { tasks: number; frames: number }) => void } | null
  /** When the server was last put back to an earlier state, in its time; null: never. */
  restoredAtMs: () => number | null
  /** For tests; default: tus. */
  upload?: UploadFile
}

/** What the runner knows of one task beside its documents. */
export interface TaskEntry {
  task: Task
  activity: Activity
  fetched: boolean
  notBeforeMs: number
  fetchFailures: number
  finishFailures: number
  render: RunningRender | null
  device: RenderDevice | null
  progress: RenderProgress | null
  cancelFetch: AbortController | null
}

/** Everything the actions work on. */
export interface RunnerContext extends TaskRunnerOptions {
  entries: Map<string, TaskEntry>
  /** Tasks that ended here lately, whose runs may not be on the disk yet. */
  ended: Set<string>
  journal: Journal
  results: ResultStore
  deliveries: Deliveries
  estimates: Estimates
  failures: FailureCounts
  workFolder: string
  scenesFolder: string
  /** Plan again soon. */
  wake: () => void
  /** Decided but not ended work, so that stopping can wait for it. */
  inFlight: Set<Promise<void>>
}

export interface TaskRunner {
  /** Something outside changed: the pause, a hold, the devices. */
  wake(): void
  runs(): Run[]
  /** Tasks that are not ended here. */
  tasks(): Task[]
  /** What renders for the network at this moment, and on what; not what is suspended or at its last frame. */
  networkRenders(): RenderDevice[]
  live(): LiveTask[]
  summary(): {
    activeTaskIds: string[]
    renderingTaskIds: string[]
    queuedTaskCount: number
    framesWaitingToUpload: number
    heldMs: number
    /** Renders that are stopped in place, with the memory they keep as far as the renderer said it. */
    suspended: { tasks: number; ramMiB: number; vramMiB: number } | null
  }
  holding(): string[]
  results: ResultStore
  /** After every change of what `summary` and `live` say. */
  onChange(listener: () => void): () => void
  /** Ends renders (their frames in progress are lost), keeps everything else for the next start. */
  stop(): Promise<void>
}

export async function startTaskRunner(options: TaskRunnerOptions): Promise<TaskRunner> {
  const { folder, log, clock, holds, serverClock, lessons } = options
  const listeners = new Set<() => void>()
  const changed = () => listeners.forEach((listener) => listener())
  const serverNow = () => serverClock.now()
  const journal = openJournal({
    runs: options.runs,
    clock,
    log,
    onTrouble: (error: AppError | null) => (error === null ? undefined : holds.set('DISK_FULL', { blocks: true })),
    onChange: () => turn.wake(),
  })
  const results = await openResultStore(join(folder, 'results'))
  const { urls, transfers } = options
  const files = fileLine(options.gateway, transfers)
  const deliveries = startDeliveries({
    journal,
    results,
    gateway: files,
    urls,
    clock,
    log,
    serverNow,
    upload: options.upload ?? tusUpload,
    transfers,
  })
  const context: RunnerContext = {
    ...options,
    entries: new Map(),
    ended: new Set(),
    journal,
    results,
    deliveries,
    estimates: createEstimates(),
    failures: countFailures(),
    workFolder: join(folder, 'work'),
    scenesFolder: join(folder, 'scenes'),
    wake: () => turn.wake(),
    inFlight: new Set(),
  }
  const turn = createTurn(context, changed)
  const rest = () => {
    const untilMs = lessons.restUntilMs()
    if (untilMs === null) holds.clear('REPEATED_FAILURES')
    else holds.set('REPEATED_FAILURES', { blocks: true, untilMs })
  }
  rest()
  const unwatchLessons = lessons.onChange(rest)
  const { restoring = null } = options
  let stopped = false
  /** Tasks that came before it was known what this node has in hand. */
  let early: Task[] | null = restoring === null ? null : []
  const noteTask = (task: Task) => {
    if (task.nodeId !== options.nodeId) return
    if (early !== null) return void early.push(task)
    const known = context.entries.get(task.id)
    if (known !== undefined) known.task = task
    else if (task.state === 'assigned' && task.deletedAt === undefined) context.entries.set(task.id, entryOf(task))
    turn.wake()
  }
  if (restoring === null) await loadTasks(context, false)
  else
    void restoring.until
      .then(async () => {
        if (stopped) return
        const found = await loadTasks(context, true)
        const waiting = early ?? []
        early = null
        waiting.forEach(noteTask)
        restoring.done(found)
        turn.wake()
        deliveries.wake()
      })
      .catch((error: unknown) => log.error('what this node has in hand could not be restored', { reason: toAppError(error).message }))
  const unwatch = options.tasks.onChange(noteTask)
  const tryAtOnce = () => {
    for (const entry of context.entries.values()) entry.notBeforeMs = 0
  }
  const unwatchLive = files.onLive((live) => {
    // What failed for the line's sake is tried at once when it is back.
    if (live) tryAtOnce()
    turn.wake()
  })
  const unwatchTime = serverClock.onStep(() => {
    // A back-off of seconds by a clock that was a day ahead would last a day; so would the rest after failures.
    tryAtOnce()
    rest()
    turn.wake()
  })
  let wasFull = false
  const unwatchDisk = holds.onChange(() => {
    // And what failed for want of space when there is space again.
    if (wasFull && !holds.has('DISK_FULL')) tryAtOnce()
    wasFull = holds.has('DISK_FULL')
  })
  turn.wake()
  deliveries.wake()
  return {
    wake: () => turn.wake(),
    runs: () => journal.all(),
    tasks: () => [...context.entries.values()].map(({ task }) => task),
    networkRenders: () =>
      [...context.entries.values()].flatMap(({ task, activity, device }) =>
        activity === 'rendering' && task.quote.kind === 'network' && device !== null ? [device] : [],
      ),
    live: () => liveTasks(context),
    summary: () => summaryOf(context),
    holding: () => [...context.entries.keys()],
    results,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async stop() {
      stopped = true
      unwatch()
      unwatchLive()
      unwatchTime()
      unwatchLessons()
      unwatchDisk()
      turn.stop()
      for (const { render, cancelFetch } of context.entries.values()) {
        cancelFetch?.abort()
        render?.stop('now')
      }
      await deliveries.stop()
      await Promise.allSettled([...context.inFlight])
      await journal.close()
    },
  }
}

function summaryOf({ entries, journal, estimates }: RunnerContext): ReturnType<TaskRunner['summary']> {
  const runs = journal.all().filter(({ state }) => !isEnded(state))
  const busy = [...entries.values()].filter(({ activity }) => activity !== 'none')
  return {
    // Pictures on their way count as work only together with a line; a waiting upload is no activity.
    activeTaskIds: busy.filter(({ activity }) => activity !== 'suspended').map(({ task }) => task.id),
    renderingTaskIds: busy.filter(({ activity }) => activity === 'rendering').map(({ task }) => task.id),
    queuedTaskCount: runs.filter(({ state }) => state === 'queued').length,
    framesWaitingToUpload: runs.reduce((sum, run) => sum + framesIn(run, 'finished').length, 0),
    heldMs: estimates.heldMs(runs),
    suspended: suspendedOf([...entries.values()].filter(({ activity }) => activity === 'suspended')),
  }
}

function suspendedOf(stopped: readonly TaskEntry[]): ReturnType<TaskRunner['summary']>['suspended'] {
  if (stopped.length === 0) return null
  const sum = (of: (entry: TaskEntry) => number | undefined) => Math.round(stopped.reduce((all, entry) => all + (of(entry) ?? 0), 0))
  return {
    tasks: stopped.length,
    ramMiB: sum(({ progress }) => progress?.memMiB),
    // On the processor Cycles' own count is of the same memory.
    vramMiB: sum(({ device, progress }) => (device?.kind === 'gpu' ? progress?.deviceMemMiB : 0)),
  }
}
