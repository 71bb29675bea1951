import { readFileSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'

const mib = 1024 * 1024

/** Used without what the system can take back at once (caches), and all of it, in MiB. */
export function readMemory(): { usedMiB: number; totalMiB: number } {
  const totalMiB = Math.round(totalmem() / mib)
  const available = process.platform === 'linux' ? parseMemAvailable(readFileSync('/proc/meminfo', 'utf8')) : null
  const free = available ?? freemem() / mib
  return { usedMiB: Math.max(0, Math.round(totalMiB - free)), totalMiB }
}

export function parseMemAvailable(text: string): number | null {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1]
  return kib === undefined ? null : Number(kib) / 1024
}
