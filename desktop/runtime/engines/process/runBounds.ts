import { availableParallelism, totalmem } from 'node:os'
import { appError, type AppError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { Command } from './containment.ts'
import { folderSize, type FolderSize } from './folderSize.ts'
import { findRunGroups, type RunGroups } from './runGroups.ts'
import { treeMemory } from './treeMemory.ts'
import { isOfRun, ownersOfProcesses } from './users/ownersOfProcesses.ts'

/** What no run may pass, whoever made its files and whatever its owner allows. */
export interface Bounds {
  /** Of the computer's memory. */
  memoryBytes: number
  /** Processes at once; a renderer needs a handful. */
  processes: number
  /** Processes and threads, where the kernel counts them. */
  tasks: number
  /** In its scratch and output folders. */
  disk: FolderSize
  /** Said on its output streams. */
  printedBytes: number
}

const mib = 1024 ** 2
/** A computer whose memory is full to the last page cannot even say so. */
const memoryShare = 0.9

export const standardBounds = (): Bounds => ({
  memoryBytes: Math.round(totalmem() * memoryShare),
  processes: 64,
  tasks: 512 + 16 * availableParallelism(),
  disk: { bytes: 20 * 1024 * mib, entries: 100_000 },
  printedBytes: 256 * mib,
})

/** How the bounds are kept: by the kernel, or by looking every second. */
export type BoundsMeans = 'cgroup' | 'jobObject' | 'watchdog'

export interface RunBounds {
  means(): Promise<BoundsMeans>
  /** Processes and threads at once, where something counts them. */
  tasks: number
  /** Makes room for one run. Never rejects: where the kernel refuses a group, the run is watched instead. */
  open(name: string): Promise<BoundedRun>
}

export interface BoundedRun {
  /** What is started in place of the command. */
  enter(command: Command): Command
  /** Looks after the run until `close`. `onOver` is called once, and should end it. */
  watch(run: WatchedRun): void
  /** Count what it prints. */
  printed(bytes: number): void
  /** Why it ended, where the kernel ended something of it. Ask before `close`. */
  verdict(): Promise<AppError | null>
  /** Ends all that is left of it. */
  close(): Promise<void>
}

export interface WatchedRun {
  pid: number
  folders: readonly string[]
  /** Its own user, where it has one: what is that user's counts, wherever it went. */
  user?: number
  onOver: (error: AppError) => void
}

const lookEveryMs = 1_000
/** Walking the folders is the dearer look. */
const diskEveryLooks = 5

export interface RunBoundsParts {
  clock: Pick<Clock, 'after'>
  log: Logger
  bounds?: Bounds
  /** For tests; default: what this system allows, tried once. */
  groups?: RunGroups | null
  /** For a helper that Windows needs. */
  toolFolder?: string
}

export function createRunBounds({ clock, log, bounds = standardBounds(), ...given }: RunBoundsParts): RunBounds {
  let found: Promise<RunGroups | null> | null = given.groups === undefined ? null : Promise.resolve(given.groups)
  const groups = () => (found ??= findRunGroups(given.toolFolder))

  let count = 0
  async function groupFor(name: string) {
    const maker = await groups()
    try {
      count += 1
      return (await maker?.create(`pictor-${process.pid}-${count}-${name.replace(/[^\w-]/g, '_').slice(0, 80)}`, bounds)) ?? null
    } catch (thrown) {
      log.warn('the kernel refuses a group for a run; it is watched instead', { reason: String(thrown) })
      return null
    }
  }

  async function open(name: string): Promise<BoundedRun> {
    const group = await groupFor(name)
    let stopLooking: () => void = () => undefined
    let onOver: (error: AppError) => void = () => undefined
    let printedBytes = 0
    let over: AppError | null = null
    const pass = (error: AppError) => {
      if (over !== null) return
      over = error
      onOver(error)
    }
    const look = async ({ pid, folders, user }: WatchedRun, looks: number) => {
      if (group !== null) {
        if ((await group.met()).tasks) pass(tooManyProcesses(bounds.tasks))
      } else {
        const ofUser = user === undefined ? [] : (await ownersOfProcesses()).filter(isOfRun(user)).map((one) => one.pid)
        const tree = await treeMemory(pid, ofUser)
        if (tree !== null && tree.pids.length > bounds.processes) pass(tooManyProcesses(bounds.processes))
        if (tree !== null && tree.residentMiB * mib > bounds.memoryBytes) pass(appError('OUT_OF_MEMORY'))
      }
      if (looks % diskEveryLooks !== 0) return
      const size = await folderSize(folders, bounds.disk)
      if (size.bytes > bounds.disk.bytes || size.entries > bounds.disk.entries)
        pass(appError('SCENE_FILLS_DISK', { limit: `${Math.round(bounds.disk.bytes / mib / 1024)} GiB`, files: bounds.disk.entries }))
    }
    return {
      enter: (command) => group?.enter(command) ?? command,
      watch(run) {
        onOver = run.onOver
        let cancel: (() => void) | null = null
        let ended = false
        const schedule = (looks: number) => {
          cancel = clock.after(lookEveryMs, () => {
            void look(run, looks)
              .catch((thrown: unknown) => log.warn('a run could not be looked at', { reason: String(thrown) }))
              .finally(() => {
                if (!ended && over === null) schedule(looks + 1)
              })
          })
        }
        schedule(1)
        stopLooking = () => {
          ended = true
          cancel?.()
        }
      },
      printed(bytes) {
        printedBytes += bytes
        if (printedBytes > bounds.printedBytes) pass(appError('SCENE_PRINTS_TOO_MUCH', { limit: `${bounds.printedBytes / mib} MiB` }))
      },
      async verdict() {
        if (over !== null || group === null) return over
        const { memory, tasks } = await group.met()
        return tasks ? tooManyProcesses(bounds.tasks) : memory ? appError('OUT_OF_MEMORY') : null
      },
      async close() {
        stopLooking()
        await group?.remove().catch((thrown: unknown) => log.warn('a group of the kernel stays behind', { reason: String(thrown) }))
      },
    }
  }

  return { means: async () => (await groups())?.means ?? 'watchdog', tasks: bounds.tasks, open }
}

const tooManyProcesses = (limit: number): AppError => appError('SCENE_STARTS_PROCESSES', { limit })
