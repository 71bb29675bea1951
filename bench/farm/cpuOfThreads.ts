import { readdirSync, readFileSync } from 'node:fs'

/** CPU time of a process so far, all of its threads, in milliseconds: to the nanosecond, where `stat` counts hundredths of a second. Linux only. */
export function cpuOfThreads(pid: number): number {
  let ns = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
    } catch {
      // It ended while it was looked at.
    }
  }
  return ns / 1e6
}
