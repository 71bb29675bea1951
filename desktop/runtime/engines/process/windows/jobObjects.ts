import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { durations } from '#shared/durations.ts'
import type { Command } from '../containment.ts'
import type { GroupLimits, RunGroup, RunGroups } from '../runGroups.ts'
import { commandLineOf } from './commandLine.ts'
import { jobHelperSource } from './jobHelperSource.ts'

const run = promisify(execFile)

/** Where the .NET Framework keeps its compiler; part of every Windows since 8. */
const compilers = (environment: Record<string, string | undefined>): string[] => {
  const windows = environment['SystemRoot'] ?? 'C:\\Windows'
  return ['Framework64', 'Framework'].map((name) => `${windows}\\Microsoft.NET\\${name}\\v4.0.30319\\csc.exe`)
}

export interface JobObjectParts {
  environment?: Record<string, string | undefined>
  /** For tests; default: starts the program, rejects unless it ends well. */
  execute?: (command: string, args: readonly string[]) => Promise<unknown>
}

/**
 * Compiles the helper into `folder` once, and tries it for real; null where that does not work (no compiler, or a policy forbids new programs).
 * Unverified: never run on Windows.
 */
export async function findJobObjects(folder: string, { environment = process.env, execute = start }: JobObjectParts = {}) {
  const helper = join(folder, `pictor-job-${createHash('sha256').update(jobHelperSource).digest('hex').slice(0, 12)}.exe`)
  try {
    if (!(await exists(helper))) await compile(helper, folder, compilers(environment), execute)
    const place = await mkdtemp(join(tmpdir(), 'pictor-jobs-'))
    const groups = jobObjects(helper, place)
    const group = await groups.create('try', { memoryBytes: 256 * 1024 * 1024, tasks: 16, processes: 16 })
    const { command, args } = group.enter({ command: environment['ComSpec'] ?? 'cmd.exe', args: ['/c', 'exit', '0'] })
    await execute(command, args)
    await group.remove()
    return groups
  } catch {
    return null
  }
}

/** Under a name of its own first: another worker may be at it, and half a program is worse than none. */
async function compile(helper: string, folder: string, places: readonly string[], execute: Required<JobObjectParts>['execute']) {
  await mkdir(folder, { recursive: true })
  const scratch = await mkdtemp(join(folder, 'compiling-'))
  try {
    const [source, made] = [join(scratch, 'job.cs'), join(scratch, 'job.exe')]
    await writeFile(source, jobHelperSource)
    let failure: unknown = new Error('no compiler')
    for (const compiler of places) {
      try {
        await execute(compiler, ['/nologo', '/optimize+', '/target:exe', `/out:${made}`, source])
        return await rename(made, helper)
      } catch (thrown) {
        failure = thrown
      }
    }
    throw failure
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Groups that are job objects: each run has a helper that holds its job open. */
export function jobObjects(helper: string, folder: string): RunGroups {
  let count = 0
  return {
    means: 'jobObject',
    async create(_name: string, limits: GroupLimits): Promise<RunGroup> {
      count += 1
      const report = join(folder, `${count}.txt`)
      await rm(report, { force: true })
      return {
        enter({ command, args }: Command): Command {
          const line = Buffer.from(commandLineOf(command, args), 'utf16le').toString('base64')
          const given = [String(limits.memoryBytes), String(limits.processes), report, line]
          return { command: helper, args: given, control: { pause: 'suspend', resume: 'resume' } }
        },
        met: async () => readReport(await readFile(report, 'utf8').catch(() => '')),
        // The job ended with its helper.
        remove: () => rm(report, { force: true }),
      }
    },
  }
}

export const readReport = (text: string): { memory: boolean; tasks: boolean } => {
  const lines = text.split(/\r?\n/)
  return { memory: lines.includes('memory'), tasks: lines.includes('tasks') }
}

const start: Required<JobObjectParts>['execute'] = (command, args) =>
  run(command, [...args], { timeout: durations.probeTimeoutMs, windowsHide: true })

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
