import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { durations } from '#shared/durations.ts'

const run = promisify(execFile)
const mib = 1024 * 1024
/** Of Linux on every processor we run on, but those with larger pages say it in `getconf`; asked once. */
let pageBytes: Promise<number> | undefined

export interface ProcessFact {
  pid: number
  parent: number
  /** Process group; 0 where the system has none. */
  group: number
  residentBytes: number
}

/** The processes of a tree: those of its group, what descends from its leader even when it left the group, and `others`. Pure. */
export function treeOf(leader: number, processes: readonly ProcessFact[], others: readonly number[] = []): ProcessFact[] {
  const inside = new Set([...others, ...processes.filter(({ pid, group }) => pid === leader || group === leader).map(({ pid }) => pid)])
  for (let before = -1; before !== inside.size;) {
    before = inside.size
    for (const { pid, parent } of processes) if (inside.has(parent)) inside.add(pid)
  }
  return processes.filter(({ pid }) => inside.has(pid))
}

/**
 * What a process and everything it started keeps in memory, and who they are; null where the system does not say. `others`: what belongs to it though
 * it went its own way.
 */
export async function treeMemory(leader: number, others: readonly number[] = []): Promise<{ residentMiB: number; pids: number[] } | null> {
  const processes = await listProcesses().catch(() => null)
  const tree = processes === null ? [] : treeOf(leader, processes, others)
  if (tree.length === 0) return null
  return { residentMiB: Math.round(tree.reduce((sum, one) => sum + one.residentBytes, 0) / mib), pids: tree.map(({ pid }) => pid) }
}

async function listProcesses(): Promise<ProcessFact[]> {
  if (process.platform === 'linux') return linuxProcesses('/proc')
  if (process.platform === 'win32') {
    const script = 'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.ParentProcessId) 0 $($_.WorkingSetSize)" }'
    const { stdout } = await run('powershell', ['-NoProfile', '-NonInteractive', '-Command', script], {
      windowsHide: true,
      timeout: durations.requestTimeoutMs,
    })
    return parseProcessList(stdout, 1)
  }
  const { stdout } = await run('ps', ['-axo', 'pid=,ppid=,pgid=,rss='], { timeout: durations.requestTimeoutMs })
  return parseProcessList(stdout, 1024)
}

/** Lines of `pid parent group resident`. */
export function parseProcessList(text: string, unitBytes: number): ProcessFact[] {
  return text.split('\n').flatMap((line) => {
    const [pid, parent, group, resident] = line.trim().split(/\s+/).map(Number)
    if (pid === undefined || parent === undefined || group === undefined || resident === undefined || !Number.isFinite(pid + resident))
      return []
    return [{ pid, parent, group, residentBytes: resident * unitBytes }]
  })
}

/** Exported for tests with a folder of recorded files. */
export async function linuxProcesses(root: string): Promise<ProcessFact[]> {
  pageBytes ??= run('getconf', ['PAGESIZE']).then(
    ({ stdout }) => Number(stdout) || 4_096,
    () => 4_096,
  )
  const page = await pageBytes
  const ids = (await readdir(root)).filter((name) => /^\d+$/.test(name))
  const facts = await Promise.all(ids.map(async (id) => parseStat(await readFile(`${root}/${id}/stat`, 'utf8').catch(() => ''), page)))
  return facts.filter((fact) => fact !== null)
}

/** `/proc/<pid>/stat`: the name stands in brackets and may hold anything, brackets and spaces too. */
export function parseStat(text: string, page: number): ProcessFact | null {
  const end = text.lastIndexOf(')')
  if (end < 0) return null
  const fields = text.slice(end + 2).split(' ')
  // Ended, and nobody asked how: it keeps nothing.
  if (fields[0] === 'Z') return null
  const [pid, parent, group, resident] = [Number.parseInt(text, 10), Number(fields[1]), Number(fields[2]), Number(fields[21])]
  return Number.isFinite(pid + parent + group + resident) ? { pid, parent, group, residentBytes: resident * page } : null
}
