import { readFileSync } from 'node:fs'

/** The arguments of a process, separated by NUL; empty when it is gone. Linux only, as these tests are. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
