import { Command, CommanderError } from 'commander'
import { exitCodes, exitCodesHelp } from './console/exitCodes.ts'
import { reportBadUsage } from './console/runCommand.ts'
import type { CliContext } from './context.ts'
import { desktopCommand } from './desktopApp/desktop.command.ts'
import { signInCommand } from './client/signIn.command.ts'
import { releaseCommand } from './release/release.command.ts'
import { seedCommand } from './seed/seed.command.ts'
import { serverCommand } from './server/server.command.ts'
import { statusCommand } from './status/status.command.ts'
import { submitCommand } from './submit/submit.command.ts'
import { upCommand } from './up/up.command.ts'
import { workerCommand } from './worker/worker.command.ts'

/** The whole command line. */
export function makeProgram(context: CliContext): Command {
  const program = new Command('pictor')
    .description('Pictor Worker: renders Blender frames on this computer and keeps account of them, online and offline.')
    .version(context.version)
    .addHelpText('after', exitCodesHelp)
  const commands = [
    upCommand,
    serverCommand,
    workerCommand,
    submitCommand,
    statusCommand,
    signInCommand,
    desktopCommand,
    releaseCommand,
    seedCommand,
  ]
  for (const make of commands) program.addCommand(make(context))
  return program
}

/** Parses and runs `argv` (without node and script). Returns when the command has ended; the exit code is then in `process.exitCode`. */
export async function runProgram(context: CliContext, argv: readonly string[]): Promise<void> {
  const program = makeProgram(context)
  prepare(program)
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Asked-for help and version end here too.
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : reportBadUsage(argv.includes('--json'), error.message.replace(/^error: /, ''))
  }
}

function prepare(command: Command): void {
  command.exitOverride()
  // `server` and `server backup` both have --data: it belongs to the command it stands behind.
  command.enablePositionalOptions()
  // What is wrong is said once, by us: with --json as data.
  command.configureOutput({ outputError: () => undefined })
  command.showHelpAfterError(false)
  for (const below of command.commands) prepare(below)
}
