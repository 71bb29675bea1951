import type { ChildProcess } from 'node:child_process'
import { descendants, killTree } from '../../desktop/launch/processTree.ts'
import { readInstance, type Instance } from '../../desktop/launch/instanceFile.ts'
import { runCli, spawnCli, type CliOptions } from './cli.ts'
import { commandLine } from './commandLine.ts'
import { waitFor } from './waitFor.ts'

/** A running `pictor up`, `server` or `worker`, with all its processes. */
export interface Started {
  pid: number
  data: string
  /** What instance.json says; throws when nothing runs. */
  instance(): Instance
  /** Process ids by role, found among the living children: gateway, store, runtime. A role that is down is absent. */
  processes(): Partial<Record<Role, number>>
  /** Every process that belongs to it, itself included. */
  everyone(): number[]
  /** kill -9 of one process alone (its supervisor brings it back); waits until it is gone. */
  kill(role: Role): Promise<number>
  /** Waits until the role runs, with another process id than `not`. */
  waitForRole(role: Role, not?: number): Promise<number>
  /** A new one-time address of the page. */
  link(): Promise<string>
  /** Ctrl-C, and waits for the end. */
  stop(): Promise<{ code: number | null; tookMs: number }>
  /** kill -9 of everything at once, as a power cut would. */
  cutPower(): Promise<void>
  output(): string
  exited: Promise<number | null>
}
export type Role = 'gateway' | 'store' | 'runtime' | 'blender'

const scripts: Record<Role, RegExp> = {
  gateway: /node\/gateway\.js/,
  store: /node\/store\.js/,
  runtime: /node\/runtime\.js/,
  blender: /(^|\/)blender\0/,
}

/** Starts a long-running command and waits until it serves. Rejects with its output when it ends before. */
export async function start(command: 'up' | 'server' | 'worker', data: string, args: string[], options: CliOptions = {}): Promise<Started> {
  const child = spawnCli([command, '--data', data, ...args], options)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  let ended = false
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve))
  void exited.then(() => (ended = true))
  await waitFor(`pictor ${command}`, () => ended || readInstance(data)?.pid === child.pid, 90_000)
  if (ended) throw new Error(`pictor ${command} ended:\n${output}`)
  return describe(child, data, exited, { output: () => output, isOver: () => ended })
}

interface Outcome {
  output: () => string
  isOver: () => boolean
}

function describe(child: ChildProcess, data: string, exited: Promise<number | null>, { output, isOver }: Outcome): Started {
  const pid = child.pid ?? 0
  const processes = () => findRoles(pid)
  const isGone = (one: number) => !descendants(pid).includes(one)
  return {
    ...{ pid, data, exited, output, processes },
    everyone: () => [pid, ...descendants(pid)],
    instance() {
      const instance = readInstance(data)
      if (instance === null) throw new Error(`nothing runs on ${data}`)
      return instance
    },
    async kill(role) {
      const victim = await waitFor(role, () => processes()[role] ?? null)
      process.kill(victim, 'SIGKILL')
      await waitFor(`the end of ${role}`, () => isGone(victim))
      return victim
    },
    waitForRole: (role, not) =>
      waitFor(role, () => {
        const now = processes()[role]
        return now !== undefined && now !== not ? now : null
      }),
    async link() {
      const { link } = (await runCli(['status', '--data', data, '--json'])).json()
      if (typeof link !== 'string') throw new Error('status gave no link')
      return link
    },
    async stop() {
      const startedAt = performance.now()
      child.kill('SIGINT')
      const code = await exited
      return { code, tookMs: performance.now() - startedAt }
    },
    async cutPower() {
      // The system may have given the number of an ended process to somebody else.
      if (!isOver()) killTree(pid)
      await exited
    },
  }
}

/** Looks at the command lines of all descendants; Linux only, as the tests are. */
function findRoles(pid: number): Partial<Record<Role, number>> {
  const found: Partial<Record<Role, number>> = {}
  for (const one of descendants(pid)) {
    const line = commandLine(one)
    for (const role of Object.keys(scripts) as Role[]) if (scripts[role].test(line)) found[role] = one
  }
  return found
}
