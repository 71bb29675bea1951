import type { ErrorCode } from '#shared/errors/codes.ts'

/** What the command line's exit codes mean; printed by `--help`. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  badUsage: 2,
  notReachable: 3,
  jobIncomplete: 4,
  interrupted: 130,
} as const

export const exitCodesHelp = `
Exit codes:
  0    it worked
  1    it failed; the sentence on stderr says why
  2    the command was not understood: unknown option, unreadable frames or file
  3    no running Pictor Worker or server was reached
  4    the job ended, and some of its frames could not be rendered
  130  interrupted with Ctrl-C`

const usageErrors: ReadonlySet<ErrorCode> = new Set([
  'FRAMES_INVALID',
  'FRAMES_EMPTY',
  'FRAMES_REVERSED',
  'FRAMES_TOO_MANY',
  'FRAMES_OUT_OF_RANGE',
  'REQUEST_INVALID',
  'SIGN_IN_NEEDED',
])
const reachErrors: ReadonlySet<ErrorCode> = new Set(['NOT_RUNNING', 'SERVER_UNREACHABLE'])

export function exitCodeOf(code: ErrorCode): number {
  if (usageErrors.has(code)) return exitCodes.badUsage
  if (reachErrors.has(code)) return exitCodes.notReachable
  return code === 'CANCELLED' ? exitCodes.interrupted : exitCodes.failed
}
