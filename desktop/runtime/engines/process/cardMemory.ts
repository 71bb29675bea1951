import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { durations } from '#shared/durations.ts'

/** What each process keeps on a card, in MiB, by process id. */
export type CardUse = ReadonlyMap<number, number>

const kib = 1024

/** Lines such as `4321, GPU-9b9e…, 5120` of NVIDIA's tool. Windows' own memory manager says `[N/A]`: such lines say nothing. */
export function parseComputeApps(text: string): CardUse {
  const used = new Map<number, number>()
  for (const line of text.split('\n')) {
    const [pid, , memory] = line.split(',').map((cell) => cell.trim())
    if (pid === undefined || memory === undefined || !/^\d+$/.test(pid) || !/^\d+$/.test(memory)) continue
    used.set(Number(pid), (used.get(Number(pid)) ?? 0) + Number(memory))
  }
  return used
}

/**
 * One file of `/proc/<pid>/fdinfo` of a card's client (the kernel's documentation, drm-usage-stats): the client's id and what it keeps in the
 * card's own memory. A process may hold many descriptors of one client: each counts once.
 */
export function parseFdinfo(text: string): { client: string; mib: number } | null {
  const client = /^drm-client-id:\s*(\d+)/m.exec(text)?.[1]
  if (client === undefined) return null
  const card = /^drm-pdev:\s*(\S+)/m.exec(text)?.[1] ?? ''
  // `drm-resident-vram0` and the like where the driver says it; `drm-memory-vram` of older ones.
  const lines = [...text.matchAll(/^drm-(resident|memory|total)-(vram\d*):\s*(\d+)\s*(KiB|MiB)?/gm)]
  const kind = ['resident', 'memory', 'total'].find((one) => lines.some((line) => line[1] === one))
  const sum = lines
    .filter((line) => line[1] === kind)
    .reduce((all, line) => all + Number(line[3]) * (line[4] === 'MiB' ? 1 : line[4] === 'KiB' ? 1 / kib : 1 / kib ** 2), 0)
  return { client: `${card}/${client}`, mib: sum }
}

/** The card's memory that these processes keep, as the drivers tell it; null where none does. */
export async function cardMemoryOf(pids: readonly number[]): Promise<number | null> {
  const [nvidia, others] = await Promise.all([nvidiaUse(pids), process.platform === 'linux' ? drmUse(pids, '/proc') : null])
  return nvidia === null && others === null ? null : Math.round((nvidia ?? 0) + (others ?? 0))
}

async function nvidiaUse(pids: readonly number[]): Promise<number | null> {
  const answer = await promisify(execFile)(
    'nvidia-smi',
    ['--query-compute-apps=pid,gpu_uuid,used_memory', '--format=csv,noheader,nounits'],
    { timeout: durations.requestTimeoutMs, windowsHide: true },
  ).catch(() => null)
  if (answer === null) return null
  const used = parseComputeApps(answer.stdout)
  const ours = pids.filter((pid) => used.has(pid))
  return ours.length === 0 ? null : ours.reduce((sum, pid) => sum + (used.get(pid) ?? 0), 0)
}

/** Exported for tests with a folder of recorded files. */
export async function drmUse(pids: readonly number[], root: string): Promise<number | null> {
  const clients = new Map<string, number>()
  for (const pid of pids) {
    const folder = `${root}/${pid}/fdinfo`
    for (const name of await readdir(folder).catch(() => [])) {
      const found = parseFdinfo(await readFile(`${folder}/${name}`, 'utf8').catch(() => ''))
      if (found !== null) clients.set(found.client, found.mib)
    }
  }
  return clients.size === 0 ? null : [...clients.values()].reduce((sum, one) => sum + one, 0)
}
