import { readFileSync } from 'node:fs'

/** Whether a process runs. One that has ended and was not asked how by its parent (in containers nobody may ever ask) does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives, and belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
  return process.platform !== 'linux' || !hasEnded(pid)
}

/** `/proc/<pid>/stat`: the state stands behind the name, which may hold brackets itself. */
function hasEnded(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return /[ZX]/.test(stat.charAt(stat.lastIndexOf(')') + 2))
  } catch {
    // Gone meanwhile.
    return true
  }
}
