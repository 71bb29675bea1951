import { execFile } from 'node:child_process'
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { durations } from '#shared/durations.ts'
import type { GroupLimits, RunGroup, RunGroups } from './runGroups.ts'

interface Place {
  /** The folder under which groups are made, one a controller (v1), or one for both (v2). */
  memory: string
  tasks: string
  version: 1 | 2
}

const run = promisify(execFile)
const root = '/sys/fs/cgroup'
const emptyTries = 100
/** `pids.max` of what is being ended: it can start nothing new meanwhile. */
const none = '0'

/** Enters each group named before the count runs out, then becomes the program. A group that cannot be entered ends it. */
const enterScript = 'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ > "$1" || exit 125; shift; n=$((n-1)); done; exec "$@"'

/** Tried once for real: a group is made, a program runs in it, and the group goes. */
export async function findCgroups(): Promise<RunGroups | null> {
  if (process.platform !== 'linux') return null
  for (const place of await places()) {
    try {
      const group = await createIn(place, `pictor-try-${process.pid}`, { memoryBytes: 256 * 1024 * 1024, tasks: 16 })
      try {
        const { command, args } = group.enter({ command: 'true', args: [] })
        await run(command, [...args], { timeout: durations.killGraceMs })
        return { means: 'cgroup', create: (name, limits) => createIn(place, name, limits) }
      } finally {
        await group.remove()
      }
    } catch {
      // Not ours to use, or without these controllers: the next place.
    }
  }
  return null
}

/** Where groups might be made: beside our own one (a session of systemd gives its user that), at the top (root), and in the old hierarchies. */
async function places(): Promise<Place[]> {
  const own = parseOwn(await readFile('/proc/self/cgroup', 'utf8').catch(() => ''))
  const found: Place[] = []
  const unified = own.get('')
  if (unified !== undefined) {
    const beside = join(root, dirname(unified))
    found.push({ memory: beside, tasks: beside, version: 2 }, { memory: root, tasks: root, version: 2 })
  }
  const [memory, tasks] = [own.get('memory'), own.get('pids')]
  if (memory !== undefined && tasks !== undefined)
    found.push({ memory: join(root, 'memory', memory), tasks: join(root, 'pids', tasks), version: 1 })
  return found
}

/** `/proc/self/cgroup`: lines of `number:controllers:path`; the unified hierarchy has no controllers. */
export function parseOwn(text: string): Map<string, string> {
  const own = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined) continue
    for (const name of controllers.split(',')) own.set(name, path)
  }
  return own
}

async function createIn(place: Place, name: string, limits: Omit<GroupLimits, 'processes'>): Promise<RunGroup> {
  const folders = [...new Set([join(place.memory, name), join(place.tasks, name)])]
  const [memory = '', tasks = memory] = folders
  if (place.version === 2) {
    const control = join(place.memory, 'cgroup.subtree_control')
    const given = (await readFile(control, 'utf8')).split(/\s+/)
    if (!['memory', 'pids'].every((one) => given.includes(one))) await writeFile(control, '+memory +pids')
  }
  // Left by a process that was killed before it could take it away.
  await removeAll(folders)
  for (const folder of folders) await mkdir(folder)
  await writeFile(join(memory, place.version === 2 ? 'memory.max' : 'memory.limit_in_bytes'), String(limits.memoryBytes))
  await writeFile(join(tasks, 'pids.max'), String(limits.tasks))
  const events = place.version === 2 ? join(memory, 'memory.events') : join(memory, 'memory.oom_control')
  return {
    enter: ({ command, args }) => ({
      command: 'sh',
      args: ['-c', enterScript, 'sh', String(folders.length), ...folders.map((folder) => join(folder, 'cgroup.procs')), command, ...args],
    }),
    met: async () => ({ memory: (await countIn(events, 'oom_kill')) > 0, tasks: (await countIn(join(tasks, 'pids.events'), 'max')) > 0 }),
    remove: () => removeAll(folders),
  }
}

async function countIn(file: string, key: string): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}

async function removeAll(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await writeFile(join(folder, 'pids.max'), none).catch(() => undefined)
  for (const folder of folders) await removeOne(folder)
}

async function removeOne(folder: string): Promise<void> {
  for (let tries = 0; tries < emptyTries; tries += 1) {
    const text = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => null)
    if (text === null) return
    for (const pid of text.split('\n').filter(Boolean)) endOne(Number(pid))
    // Busy until the last of them was reaped.
    if (
      text === '' &&
      (await rmdir(folder).then(
        () => true,
        () => false,
      ))
    )
      return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`the group ${folder} could not be emptied`)
}

function endOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone meanwhile.
  }
}
