import { execFileSync, type ExecFileSyncOptionsWithStringEncoding } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { Logger } from '#shared/log.ts'
import { readPrivateJson, writePrivateJson } from './privateFile.ts'
import { killTree } from './processTree.ts'

/** A process number is given to somebody else sooner or later: together with when it began it is one process. */
const rememberedSchema = z.object({ pid: z.number().int().positive(), began: z.string().min(1) })

/**
 * Ends the process, with all it started, that a killed launcher left behind: one that hangs does not notice that its parent is gone, and would
 * keep the data folder. Only for who holds the folder's lock. True when one was ended.
 */
export function endLeftBehind(path: string, log: Logger, beganOf: (pid: number) => string | null = processBegan): boolean {
  const remembered = readPrivateJson(path, rememberedSchema)
  if (remembered === null) return false
  rmSync(path, { force: true })
  const { pid, began } = remembered
  if (beganOf(pid) !== began) return false
  killTree(pid)
  log.warn('a process of an earlier start was ended with all it started', { pid })
  return true
}

export function rememberProcess(path: string, pid: number): void {
  const began = processBegan(pid)
  if (began === null) return
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writePrivateJson(path, { pid, began })
}

export const forgetProcess = (path: string): void => rmSync(path, { force: true })

/** When a process began, in the system's own words; null when there is none. */
export function processBegan(pid: number): string | null {
  try {
    if (process.platform === 'linux') {
      const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
      // pid (name) state ppid …: the 22nd field are the ticks since the system's start.
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
      return fields[0] === 'Z' ? null : `${fields[19]} ${boot}`
    }
    const text =
      process.platform === 'win32'
        ? execFileSync('powershell', ['-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`], quiet)
        : execFileSync('ps', ['-p', String(pid), '-o', 'lstart='], quiet)
    return text.trim() || null
  } catch {
    // There is no such process.
    return null
  }
}

const quiet: ExecFileSyncOptionsWithStringEncoding = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 10_000 }
