import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import type { Readable } from 'node:stream'
import { durations } from '#shared/durations.ts'
import { linuxProcesses } from './treeMemory.ts'

export interface ProcessExit {
  code: number | null
  signal: NodeJS.Signals | null
}

/** A child with everything it starts, held as one: nothing of it outlives `stop`. */
export interface ProcessTree {
  readonly pid: number
  readonly stdout: Readable
  readonly stderr: Readable
  /** Settles when the child has ended and both streams are closed. Never rejects. */
  readonly exited: Promise<ProcessExit>
  /** Asks politely, then kills after `graceMs`. Settles when the child is reaped and its group is gone. */
  stop(graceMs?: number): Promise<ProcessExit>
  pause(): void
  resume(): void
}

export interface ProcessTreeOptions {
  command: string
  args: readonly string[]
  cwd?: string
  env: Record<string, string>
  /** Lines on its standard input by which it stops and continues what it holds; default: signals to its group. */
  control?: { pause: string; resume: string }
  /** Everything else on this computer goes first. */
  lowPriority?: boolean
}

const onWindows = process.platform === 'win32'

/**
 * Starts a program as leader of its own process group, so that a signal reaches all its descendants.
 * Throws what `spawn` reports when the program cannot be started (ENOENT, EACCES).
 */
export async function startProcessTree(options: ProcessTreeOptions): Promise<ProcessTree> {
  const [command, args] = withPriority(options)
  const child = spawn(command, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.env,
    stdio: [options.control === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: !onWindows,
    windowsHide: true,
  })
  const exited = exitOf(child)
  await started(child)
  const pid = child.pid
  const { control } = options
  // It may have ended: that is told by its end.
  child.stdin?.on('error', () => undefined)
  const { stdout, stderr } = child
  if (pid === undefined || stdout === null || stderr === null) throw new Error(`${options.command} has no process id`)
  if (onWindows && options.lowPriority === true) setPriority(pid, constants.priority.PRIORITY_LOW)
  return {
    pid,
    stdout,
    stderr,
    exited,
    stop: (graceMs = durations.killGraceMs) => stopTree(child, pid, exited, graceMs),
    pause: () => (control === undefined ? signalGroup(pid, 'SIGSTOP') : tell(child, control.pause)),
    resume: () => (control === undefined ? signalGroup(pid, 'SIGCONT') : tell(child, control.resume)),
  }
}

const tell = (child: ChildProcess, line: string): void => void child.stdin?.write(`${line}\n`)

const niceness = 15
/** `nice` becomes the program, so that no thread of it ever runs before it is lowered. Windows has classes that children inherit. */
function withPriority({ command, args, lowPriority }: ProcessTreeOptions): [string, string[]] {
  return lowPriority === true && !onWindows ? ['nice', ['-n', String(niceness), command, ...args]] : [command, [...args]]
}

function started(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
}

function exitOf(child: ChildProcess): Promise<ProcessExit> {
  return new Promise((resolve) => {
    // 'error' is handled by `started`; afterwards it only says that a signal could not be sent.
    child.on('error', () => undefined)
    // What the program left running behind it is never wanted, and would hold the pipes open.
    child.once('exit', () => child.pid !== undefined && signalGroup(child.pid, 'SIGKILL'))
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
}

async function stopTree(child: ChildProcess, pid: number, exited: Promise<ProcessExit>, graceMs: number): Promise<ProcessExit> {
  if (onWindows) return stopOnWindows(child, pid, exited)
  signalGroup(pid, 'SIGTERM')
  // A stopped process does not see SIGTERM before it is continued.
  signalGroup(pid, 'SIGCONT')
  const deadline = performance.now() + graceMs
  while ((await groupRuns(pid)) && performance.now() < deadline) await wait(20)
  // The leader may have gone and left children behind: the group is killed whenever anything of it is left.
  if (groupIsAlive(pid)) signalGroup(pid, 'SIGKILL')
  while ((await groupRuns(pid)) && performance.now() < deadline + graceMs) await wait(20)
  // A grandchild that left the group may still hold the pipes; they must not hold us.
  child.stdout?.destroy()
  child.stderr?.destroy()
  return exited
}

async function stopOnWindows(child: ChildProcess, pid: number, exited: Promise<ProcessExit>): Promise<ProcessExit> {
  // Windows knows no polite signal for console programs: end the tree at once.
  spawnSync('taskkill', ['/PID', String(pid), '/T', '/F'], { windowsHide: true, timeout: durations.killGraceMs })
  child.stdout?.destroy()
  child.stderr?.destroy()
  return exited
}

/** Sends to the group; a group that is gone is not an error. On Windows only the child itself can be reached. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  if (onWindows) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))) throw error
  }
}

/** What has ended and was not asked how by its parent is of the group as well; in a container nobody may ever ask. */
async function groupRuns(pid: number): Promise<boolean> {
  if (!groupIsAlive(pid)) return false
  const all = process.platform === 'linux' ? await linuxProcesses('/proc').catch(() => null) : null
  return all === null || all.some(({ group }) => group === pid)
}

function groupIsAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0)
    return true
  } catch (error) {
    // EPERM: on macOS a group whose members are all zombies.
    return !(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))
  }
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
