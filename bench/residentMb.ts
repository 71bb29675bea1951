import { readFileSync } from 'node:fs'

/** Resident memory of a process in MB of a million bytes; /proc counts in KiB. Linux only. */
export const residentMb = (pid: number): number =>
  (Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024) / 1e6
