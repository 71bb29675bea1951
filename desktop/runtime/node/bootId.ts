import { readFile } from 'node:fs/promises'
import { uptime } from 'node:os'

/** Clocks are set and drift; a restart of the computer takes longer than this. */
const toleranceMs = 20_000

/** Names this start of the computer: Linux says so itself, elsewhere it is the time of the start. */
export async function readBootId(): Promise<string> {
  const id = process.platform === 'linux' ? await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '') : ''
  return id.trim() === '' ? `at ${Math.round(Date.now() - uptime() * 1_000)}` : id.trim()
}

export function isSameBoot(left: string, right: string): boolean {
  const times = [left, right].map((id) => Number(/^at (\d+)$/.exec(id)?.[1] ?? Number.NaN))
  const [a = Number.NaN, b = Number.NaN] = times
  return left === right || Math.abs(a - b) < toleranceMs
}
