import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'

export interface CpuTimes {
  busy: number
  total: number
}

/** The first line of /proc/stat: `cpu user nice system idle iowait irq softirq steal guest guest_nice`. null when it is not that. */
export function parseProcStat(text: string): CpuTimes | null {
  const line = /^cpu +([\d ]+)$/m.exec(text)?.[1]
  if (line === undefined) return null
  // Guest time is counted in user time already.
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = line.trim().split(' ').map(Number)
  const busy = user + nice + system + irq + softirq + steal
  return { busy, total: busy + idle + iowait }
}

/** All cores together since the system started. One small file on Linux; `os.cpus` elsewhere. */
export function readCpuTimes(): CpuTimes {
  if (process.platform === 'linux') {
    const times = parseProcStat(readFileSync('/proc/stat', 'utf8'))
    if (times !== null) return times
  }
  let [busy, total] = [0, 0]
  for (const { times } of cpus()) {
    busy += times.user + times.nice + times.sys + times.irq
    total += times.user + times.nice + times.sys + times.irq + times.idle
  }
  return { busy, total }
}

/** Percent of all cores between two readings; null when no time passed. */
export function cpuPercent(before: CpuTimes, after: CpuTimes): number | null {
  const total = after.total - before.total
  return total <= 0 ? null : Math.round(Math.min(100, Math.max(0, ((after.busy - before.busy) / total) * 100)) * 10) / 10
}
