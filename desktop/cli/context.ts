import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { env, cwd } from 'node:process'
import envPaths from 'env-paths'
import { findInstallation, type Installation } from '../launch/headless/installLayout.ts'
import { runCommand, type CommandResult } from './console/runCommand.ts'
import type { Terminal } from './console/terminal.ts'

/** What every command is given by the program. */
export interface CliContext {
  /** The folder with `node/` and `renderer/`, two levels above the running bundle. */
  outFolder: string
  version: string
  /** Where the headless package lies that this was started from; null: it was started otherwise. */
  installation: Installation | null
  /** Runs a command's work and keeps its exit code for the end of the process. */
  run(json: boolean | undefined, work: (terminal: Terminal) => Promise<CommandResult>): Promise<void>
}

export function makeContext(outFolder: string, version: string): CliContext {
  const installation = findInstallation(outFolder)
  return {
    ...{ outFolder, installation },
    version: installation?.release.version ?? version,
    async run(json, work) {
      process.exitCode = await runCommand(json === true, work)
    },
  }
}

/** The data folder: what was asked for, else `PICTOR_DATA`, else the system's place for it. */
export function dataPath(asked: string | undefined): string {
  const path = asked ?? env['PICTOR_DATA'] ?? envPaths('pictor-worker', { suffix: '' }).data
  if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1))
  return isAbsolute(path) ? path : resolve(env['INIT_CWD'] ?? cwd(), path)
}

/** A path a person typed. npm runs scripts in the package's root and keeps where the person stood in INIT_CWD. */
export const typedPath = (path: string): string => (isAbsolute(path) ? path : resolve(env['INIT_CWD'] ?? cwd(), path))
