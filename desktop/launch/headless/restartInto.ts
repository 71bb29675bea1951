import { starterOf } from './installLayout.ts'

/** Exit code by which a program says to the script that keeps it (build/headless/pictor): start what is current now. */
export const startAgainCode = 75

/**
 * Makes this process the current version's: the same process id, so that a service manager and a container see no end. Everything must have been
 * stopped; `secrets` were taken out of the environment before. Where the starting script waits for us already, or the system cannot replace a process, the exit code asks for it instead.
 */
export function restartInto(root: string, args: readonly string[], secrets: Readonly<Record<string, string>> = {}): void {
  if (process.env['PICTOR_KEPT'] === '1' || process.platform === 'win32' || process.execve === undefined) {
    process.exitCode = startAgainCode
    return
  }
  const environment = Object.fromEntries(
    Object.entries({ ...process.env, ...secrets }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  process.execve('/bin/sh', ['/bin/sh', starterOf(root), ...args], environment)
}
