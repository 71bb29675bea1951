import { readFileSync } from 'node:fs'
import { parseProcStat, type CpuTimes } from '../../telemetry/cpuUsage.ts'

/** A burst of a second is no reason to stop: what is judged is the mean of about this long. */
const meanMs = 10_000

/** Ticks of the processor that a process used, with those of its ended children; 0 when it is gone. */
export function ticksIn(stat: string): number {
  // The name in parentheses may hold anything, also parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return [11, 12, 13, 14].reduce((sum, index) => sum + (Number(fields[index]) || 0), 0)
}

/** Percent of all cores that programs other than this process and its descendants use, smoothed. null at the first look. */
export function createOtherCpu(ownPid: number = process.pid, read: (path: string) => string = readText) {
  let before: { all: CpuTimes; own: number; atMs: number } | null = null
  let mean: number | null = null
  const ownTicks = (pid: string): number => {
    const children = read(`/proc/${pid}/task/${pid}/children`).trim().split(' ')
    return children.filter((child) => child !== '').reduce((sum, child) => sum + ownTicks(child), ticksIn(read(`/proc/${pid}/stat`)))
  }
  return {
    look(nowMs: number): number | null {
      const all = parseProcStat(read('/proc/stat'))
      if (all === null) return null
      const now = { all, own: ownTicks(String(ownPid)), atMs: nowMs }
      const last = before
      before = now
      if (last === null || now.all.total <= last.all.total) return mean
      // What a descendant used leaves our sum when its end is not waited for: never less than nothing.
      const others = now.all.busy - last.all.busy - Math.max(0, now.own - last.own)
      const percent = Math.min(100, Math.max(0, (others / (now.all.total - last.all.total)) * 100))
      const weight = mean === null ? 1 : Math.min(1, (nowMs - last.atMs) / meanMs)
      mean = Math.min(100, (mean ?? percent) * (1 - weight) + percent * weight)
      return mean
    },
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
