import { execFile } from 'node:child_process'
import { closeSync, openSync, readSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Logger } from '#shared/log.ts'

export interface FoundProcess {
  pid: number
  commandLine: string
}

/**
 * Ends what an earlier runtime left behind when it was killed: processes whose command line names a file in our scratch folders.
 * We hold the data folder's lock, so no live runtime owns them. Judged by the command line, not by remembered process numbers,
 * which the system may have given to somebody else since. Returns how many were ended.
 */
export async function reapOrphans(folder: string, log: Logger, list: () => Promise<FoundProcess[]> = listProcesses): Promise<number> {
  const orphans = (await list()).filter(({ pid, commandLine }) => pid !== process.pid && namesOurScratch(commandLine, folder))
  let ended = 0
  for (const { pid, commandLine } of orphans) {
    if (!kill(pid)) continue
    ended += 1
    log.warn('a process of an earlier start was ended', { pid, commandLine: commandLine.slice(0, 200) })
  }
  return ended
}

/** An argument that begins with `<data folder>/worlds/<name>/work/`. */
export function namesOurScratch(commandLine: string, dataFolder: string): boolean {
  const prefix = `${dataFolder}/worlds/`
  for (let at = commandLine.indexOf(prefix); at >= 0; at = commandLine.indexOf(prefix, at + 1)) {
    // In the middle of a longer path it is somebody else's folder.
    const begins = at === 0 || /[\s"'=]/.test(commandLine[at - 1] ?? '')
    if (begins && /^[^/]+\/work\//.test(commandLine.slice(at + prefix.length))) return true
  }
  return false
}

/** The group first: whatever the orphan started goes with it. */
function kill(pid: number): boolean {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL')
      return true
    } catch {
      // Not a group leader, or gone meanwhile.
    }
  }
  return false
}

async function listProcesses(): Promise<FoundProcess[]> {
  // On Windows children end with their job; there is nothing to find.
  if (process.platform === 'win32') return []
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,command='], { maxBuffer: 32 * 1024 * 1024 })
    return stdout.split('\n').flatMap((line) => {
      const match = /^\s*(\d+) (.*)$/.exec(line)
      return match ? [{ pid: Number(match[1]), commandLine: match[2] ?? '' }] : []
    })
  }
  // One small buffer for all: `readFile` takes 64 KiB for each file of unknown size, which stays with an idle process.
  const buffer = Buffer.alloc(16 * 1024)
  return (await readdir('/proc')).flatMap((name) => {
    const commandLine = /^\d+$/.test(name) ? readCommandLine(name, buffer) : ''
    return commandLine === '' ? [] : [{ pid: Number(name), commandLine }]
  })
}

/** Empty for a process that is gone, or of the kernel. */
function readCommandLine(pid: string, buffer: Buffer): string {
  try {
    const file = openSync(`/proc/${pid}/cmdline`, 'r')
    try {
      return buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, 0)).replaceAll('\0', ' ')
    } finally {
      closeSync(file)
    }
  } catch {
    return ''
  }
}
