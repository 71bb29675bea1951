import { constants } from 'node:os'
import { appError, type AppError } from '#shared/errors/appError.ts'
import { pythonErrorIn } from '../output/pythonError.ts'
import type { ProcessExit } from '../process/processTree.ts'
import { scriptErrorExitCode } from './arguments.ts'
import type { RenderState } from './renderState.ts'

/**
 * Why a render did not give all its frames. What was said counts first, then how the process ended; exit code 0 proves
 * nothing, so a frame without a file is a failure of its own.
 */
export function failureOf(state: RenderState, exit: ProcessExit, missing: readonly number[]): AppError {
  const frame = state.currentFrame() ?? missing[0] ?? 0
  const log = state.lastLines().slice(-12).join('\n')
  const cause = state.cause()
  const thrown = pythonErrorIn(state.lastLines())
  if (thrown !== undefined && (cause === undefined || cause.code === 'BLENDER_SCRIPT_ERROR'))
    return appError('BLENDER_SCRIPT_ERROR', { reason: thrown, frame, log })
  if (cause) return { ...cause, details: { frame, ...cause.details } }
  const signal = exit.signal ?? signalIn(exit.code)
  if (signal !== undefined) return appError('BLENDER_CRASHED', { reason: signal, frame, log })
  // Windows gives exceptions as exit codes from 0xC0000000 on.
  if (exit.code !== null && exit.code >= 0xc0000000)
    return appError('BLENDER_CRASHED', { reason: `0x${exit.code.toString(16)}`, frame, log })
  if (exit.code === scriptErrorExitCode) return appError('BLENDER_SCRIPT_ERROR', { reason: lastOf(state), frame, log })
  if (exit.code !== 0) return appError('BLENDER_FAILED', { frame, reason: lastOf(state) || `exit code ${exit.code ?? '?'}`, log })
  return appError('BLENDER_NO_IMAGE', { frame: missing[0] ?? frame, log })
}

/** Shells and bubblewrap tell the signal that ended their child as 128 + its number. */
function signalIn(code: number | null): string | undefined {
  const found = Object.entries(constants.signals).find(([, number]) => code !== null && number === code - 128)
  return found?.[0]
}

/** The last thing it said that looks like a complaint. */
function lastOf(state: RenderState): string {
  const lines = state.lastLines().filter((line) => !/^Fra:|Blender quit|\| Fra:/.test(line))
  return (lines.findLast((line) => /error|fail|cannot|exception/i.test(line)) ?? lines.at(-1) ?? '').trim().slice(0, 300)
}
