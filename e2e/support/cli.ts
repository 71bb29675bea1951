import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { killTree } from '../../desktop/launch/processTree.ts'
import { couchPrefixOf, couchUrl } from './couchPrefix.ts'

const cliScript = fileURLToPath(new URL('../../out/node/cli.js', import.meta.url))
export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url))

export interface CliOptions {
  env?: Record<string, string>
  cwd?: string
  /** Instead of the built command line of the repository: a program of an installed package. */
  program?: string
  /** Put before the command; must end in an exec of what follows, so that the process id stays. */
  wrap?: readonly string[]
}

/** Starts the built command line. */
export function spawnCli(
  args: readonly string[],
  { env = {}, cwd = repositoryRoot, wrap = [], program: installed }: CliOptions = {},
): ChildProcess {
  const environment: NodeJS.ProcessEnv = { ...process.env, ...ownDatabases(args), ...env }
  // What npm left of where a person stood must not change how relative paths are read.
  delete environment['INIT_CWD']
  const [program = process.execPath, ...rest] = [
    ...wrap,
    ...(installed === undefined ? [process.execPath, cliScript] : [installed]),
    ...args,
  ]
  return spawn(program, rest, { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Where all tests share one CouchDB, each data folder has databases of its own there. */
function ownDatabases(args: readonly string[]): Record<string, string> {
  const data = args[args.indexOf('--data') + 1]
  return couchUrl() === null || !args.includes('--data') || data === undefined ? {} : { PICTOR_COUCH_PREFIX: couchPrefixOf(data) }
}

export interface CliResult {
  code: number | null
  stdout: string
  stderr: string
  /** stdout as the one JSON object that `--json` promises; throws when it is anything else. */
  json(): Record<string, unknown>
}

/** Runs a command to its end. Rejects when it takes longer than `timeoutMs`. */
export function runCli(args: readonly string[], options: CliOptions & { timeoutMs?: number } = {}): Promise<CliResult> {
  const child = spawnCli(args, options)
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      // With all it started: a gateway that lives on would make its databases again.
      killTree(child.pid ?? 0)
      reject(new Error(`pictor ${args.join(' ')} did not end:\n${stderr}`))
    }, options.timeoutMs ?? 120_000)
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, stdout, stderr, json: () => onlyObject(stdout) })
    })
  })
}

function onlyObject(stdout: string): Record<string, unknown> {
  const value: unknown = JSON.parse(stdout)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`not one JSON object: ${stdout}`)
  return value as Record<string, unknown>
}
