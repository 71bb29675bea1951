import { appError, toAppError, type AppError } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import { exitCodeOf, exitCodes } from './exitCodes.ts'
import { makeTerminal, type Terminal } from './terminal.ts'

/** What a command gives back: `value` for `--json`, and an exit code where it is not simply "it worked". */
export interface CommandResult {
  value: JsonObject
  exitCode?: number
}

/**
 * Runs a command's work: prints `{"ok":true,…}` (with --json) or, on any error, its sentence and `{"ok":false,"error":…}`.
 * Returns the exit code. Never rejects.
 */
export async function runCommand(json: boolean, work: (terminal: Terminal) => Promise<CommandResult>): Promise<number> {
  const terminal = makeTerminal(json)
  try {
    const { value, exitCode } = await work(terminal)
    terminal.printJson({ ok: true, ...value })
    return exitCode ?? exitCodes.ok
  } catch (thrown) {
    const error = toAppError(thrown)
    reportError(terminal, error)
    return exitCodeOf(error.code)
  }
}

/** For what commander itself refuses: unknown commands and options, missing arguments. */
export function reportBadUsage(json: boolean, reason: string): number {
  reportError(makeTerminal(json), appError('REQUEST_INVALID', { reason: reason.replace(/\.$/, '') }))
  return exitCodes.badUsage
}

function reportError(terminal: Terminal, error: AppError): void {
  terminal.say(`error: ${error.message} (${error.code})`)
  terminal.printJson({ ok: false, error: { code: error.code, message: error.message, details: error.details ?? {} } })
}
