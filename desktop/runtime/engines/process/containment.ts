import type { AppError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { findBubblewrap, inBubblewrap } from './bubblewrap.ts'
import { findSeatbelt, inSeatbelt } from './seatbelt.ts'
import { startProcessTree, type ProcessTree } from './processTree.ts'
import { createRunBounds, type RunBounds } from './runBounds.ts'
import { createUserChooser } from './users/chooseUser.ts'
import { findRunUsers, type RunUser } from './users/runUsers.ts'

/**
 * How far a program that reads a stranger's file is kept apart: `basic` is a home of its own and a clean environment; `bubblewrap` (Linux) adds no
 * network, no view of other processes, and no view of the disk beyond the system, the program and its job; `seatbelt` (macOS, by sandbox-exec) adds no network,
 * no writing beyond its job and no reading of persons' files.
 */
export type ContainmentLevel = 'bubblewrap' | 'seatbelt' | 'basic'

export interface Access {
  readOnly: readonly string[]
  writable: readonly string[]
  /** An X display is used: its socket has to be seen. */
  display: boolean
  /** `job` (default): the system, the program and what is named here. `disk`: every file may be read, for scenes whose links lead anywhere. */
  view?: 'job' | 'disk'
  /** Folders that stay unseen in the view of the disk, unless something inside of them is named above. */
  hidden?: readonly string[]
}

export interface Command {
  command: string
  args: readonly string[]
  /** Lines on its standard input by which it stops and continues what it holds, where the system has no signals for that. */
  control?: { pause: string; resume: string }
}

export interface ContainedRun extends Command {
  /** For its group in the kernel; need not be unique. */
  name: string
  cwd: string
  env: Record<string, string>
  access: Omit<Access, 'hidden'>
  /** What it may fill only so far. */
  folders: readonly string[]
  lowPriority?: boolean
  /** It brings a sandbox of its own, which does not start inside another: bounded, but not wrapped. */
  ownSandbox?: boolean
}

/** A program in its containment, ended when it passes a bound. Call `close` when it has ended: nothing of it is left then. */
export interface ContainedTree extends ProcessTree {
  level: ContainmentLevel
  /** What the containment said when it gave up before the program began (all its output is one complaint); else null. */
  gaveUp(lines: readonly string[]): string | null
  /** The bound that it passed. Ask after its end and before `close`. */
  verdict(): Promise<AppError | null>
  close(): Promise<void>
}

/** The one door through which programs are started that read what strangers made (build/imports.config.cjs finds any other). */
export interface Containment {
  level(): Promise<ContainmentLevel>
  /** That, and how bounds are kept, as one word: `bubblewrap+cgroup`, or `bubblewrap+user+watchdog` where each run is a user of its own. */
  inWords(): Promise<string>
  /** Throws what `spawn` throws. */
  start(run: ContainedRun): Promise<ContainedTree>
  /** It does not start after all: everything from now on is `basic`. */
  weaken(reason: string): void
}

export interface ContainmentOptions {
  clock: Pick<Clock, 'after'>
  log: Logger
  /** Default: of the standard size, kept as this system allows. */
  bounds?: RunBounds
  /** 'auto' (default): as strong as this system allows. */
  level?: 'auto' | 'basic'
  /** For a helper that Windows needs; default: a temporary one. */
  toolFolder?: string
  /** Folders that no program sees as a whole, such as the node's data folder with its key. */
  hidden?: readonly string[]
  /** For tests: where the numbers of runs' users are settled. */
  numbersFolder?: string
}

export function createContainment({ clock, log, hidden = [], ...options }: ContainmentOptions): Containment {
  const bounds =
    options.bounds ?? createRunBounds({ clock, log, ...(options.toolFolder === undefined ? {} : { toolFolder: options.toolFolder }) })
  let found: Promise<ContainmentLevel> | null = options.level === 'basic' ? Promise.resolve('basic') : null
  const level = () => (found ??= findLevel())

  async function wrapped(run: ContainedRun, how: ContainmentLevel, user: RunUser | null): Promise<Command> {
    const [command, access] = [
      { command: run.command, args: run.args },
      { ...run.access, hidden },
    ]
    if (how === 'bubblewrap') return inBubblewrap(command, access, user)
    return how === 'seatbelt' ? inSeatbelt(command, access) : (user?.inside(command) ?? command)
  }

  /** Where no group of the kernel holds a run of root's, a user of its own does. */
  const users = createUserChooser({
    wrapped,
    log,
    find: async () => {
      const where = options.numbersFolder === undefined ? {} : { numbersFolder: options.numbersFolder }
      return (await bounds.means()) === 'watchdog' ? findRunUsers({ tasks: bounds.tasks, own: hidden, log, ...where }) : null
    },
  })

  async function start(run: ContainedRun): Promise<ContainedTree> {
    const how = run.ownSandbox === true ? 'basic' : await level()
    const bounded = await bounds.open(run.name)
    const user = await users.userFor(run, how)
    const close = async () => {
      await bounded.close()
      await user?.release()
    }
    try {
      const entered = bounded.enter(await wrapped(run, how, user))
      const tree = await startProcessTree({ ...entered, cwd: run.cwd, env: run.env, lowPriority: run.lowPriority === true })
      const whose = user === null ? {} : { user: user.uid }
      bounded.watch({ pid: tree.pid, folders: run.folders, onOver: () => void tree.stop(), ...whose })
      for (const stream of [tree.stdout, tree.stderr]) stream.on('data', (chunk: Buffer) => bounded.printed(chunk.length))
      return {
        ...tree,
        level: how,
        gaveUp: (lines) =>
          how !== 'basic' && lines.length === 1 && /^(bwrap|sandbox-exec): /.test(lines[0] ?? '') ? (lines[0] ?? '') : null,
        verdict: () => bounded.verdict(),
        close,
      }
    } catch (thrown) {
      await close()
      throw thrown
    }
  }

  return {
    level,
    inWords: async () => `${await level()}${(await users.areUsed()) ? '+user' : ''}+${await bounds.means()}`,
    start,
    weaken(reason) {
      log.warn('programs are less contained from now on: the containment does not start', { reason })
      found = Promise.resolve('basic')
    },
  }
}

async function findLevel(): Promise<ContainmentLevel> {
  if (await findBubblewrap()) return 'bubblewrap'
  return (await findSeatbelt()) ? 'seatbelt' : 'basic'
}
