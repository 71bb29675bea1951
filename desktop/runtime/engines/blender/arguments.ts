import { formatFrames } from '#shared/frames/frameRange.ts'
import { compareVersions } from '#shared/rules/compareVersions.ts'

/** Exit code that Blender gives when one of our scripts throws. */
export const scriptErrorExitCode = 3

/** For scenes of strangers: no scripts from the scene, no user settings, and (since it can be asked) no internet. */
function safeStart(blenderVersion: string): string[] {
  const offline = compareVersions(blenderVersion, '4.2') >= 0 ? ['--offline-mode'] : []
  return ['-b', '--factory-startup', '--disable-autoexec', ...offline, '--python-exit-code', String(scriptErrorExitCode)]
}

/** Asks Blender something with a script, with or without a scene. */
export function scriptArguments(options: { blenderVersion: string; scenePath?: string; scriptPath: string }): string[] {
  return [...safeStart(options.blenderVersion), ...(options.scenePath === undefined ? [] : [options.scenePath]), '-P', options.scriptPath]
}

export interface RenderArguments {
  blenderVersion: string
  scenePath: string
  scriptPath: string
  frames: readonly number[]
  threads?: number
}

/**
 * Blender works its arguments off in order: the scene first, then the script that sets it up, then the frames. An output path
 * before the scene would be lost, so the script sets it.
 */
export function renderArguments(options: RenderArguments): string[] {
  const threads = options.threads === undefined ? [] : ['-t', String(options.threads)]
  return [
    ...safeStart(options.blenderVersion),
    ...threads,
    options.scenePath,
    '-P',
    options.scriptPath,
    '-f',
    formatFrames(options.frames, '..'),
  ]
}
