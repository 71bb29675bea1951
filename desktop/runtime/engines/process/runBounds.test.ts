import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AppError } from '#shared/errors/appError.ts'
import { quietLog } from '../../testing/quietLog.ts'
import { systemClock } from '../../systemClock.ts'
import { findCgroups, parseOwn } from './cgroups.ts'
import { folderSize } from './folderSize.ts'
import { startProcessTree } from './processTree.ts'
import { createRunBounds, type Bounds, type RunBounds } from './runBounds.ts'
import { parseStat } from './treeMemory.ts'

const env = { PATH: process.env['PATH'] ?? '' }
const mib = 1024 ** 2
const small: Bounds = { memoryBytes: 200 * mib, processes: 8, tasks: 60, disk: { bytes: 8 * mib, entries: 50 }, printedBytes: mib }

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pictor-bounds-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs a script within bounds until it ends or is ended for passing one. */
async function within(bounds: RunBounds, script: string): Promise<AppError | null> {
  const run = await bounds.open('test')
  const { command, args } = run.enter({ command: 'bash', args: ['-c', script] })
  const tree = await startProcessTree({ command, args: [...args], env, cwd: folder })
  run.watch({ pid: tree.pid, folders: [folder], onOver: () => void tree.stop(100) })
  tree.stdout.on('data', (chunk: Buffer) => run.printed(chunk.length))
  tree.stderr.resume()
  await tree.exited
  const verdict = await run.verdict()
  await run.close()
  return verdict
}

const forks = 'for i in $(seq 200); do sleep 30 & done; wait'
const eats = `node -e "const kept = []; setInterval(() => kept.push(Buffer.alloc(20e6, 1)), 20)"`

describe.each(['cgroup', 'watchdog'] as const)('bounds kept by %s', (means) => {
  const open = async (): Promise<RunBounds | null> => {
    const cgroups = means === 'cgroup' ? await findCgroups() : null
    if (means === 'cgroup' && cgroups === null) return null
    return createRunBounds({ clock: systemClock, log: quietLog, bounds: small, groups: cgroups })
  }
  test('an honest run ends as it would', async () => {
    const bounds = await open()
    if (bounds === null) return expect(await findCgroups()).toBeNull()
    expect(await bounds.means()).toBe(means)
    expect(await within(bounds, 'echo hello; (sleep 0.1) & wait')).toBeNull()
  })
  test('who starts processes without end is ended', async () => {
    const bounds = await open()
    if (bounds === null) return expect(await findCgroups()).toBeNull()
    expect(await within(bounds, forks)).toMatchObject({ code: 'SCENE_STARTS_PROCESSES' })
  })
  test('who takes memory without end is ended', async () => {
    const bounds = await open()
    if (bounds === null) return expect(await findCgroups()).toBeNull()
    expect(await within(bounds, eats)).toMatchObject({ code: 'OUT_OF_MEMORY' })
  })
  test('who fills the disk, or prints without end, is ended', async () => {
    const bounds = await open()
    if (bounds === null) return expect(await findCgroups()).toBeNull()
    expect(await within(bounds, 'while :; do head -c 1000000 /dev/zero >> filled; sleep 0.05; done')).toMatchObject({
      code: 'SCENE_FILLS_DISK',
    })
    await rm(join(folder, 'filled'))
    expect(await within(bounds, 'yes "the same again"')).toMatchObject({ code: 'SCENE_PRINTS_TOO_MUCH' })
  })
})

test('in a group of the kernel nothing gets away, not even in a session of its own', async () => {
  const cgroups = await findCgroups()
  if (cgroups === null) return
  const run = await createRunBounds({ clock: systemClock, log: quietLog, bounds: small, groups: cgroups }).open('away')
  const { command, args } = run.enter({ command: 'bash', args: ['-c', 'setsid sleep 300 > /dev/null 2>&1 & echo $!; sleep 0.3'] })
  const tree = await startProcessTree({ command, args: [...args], env })
  let said = ''
  tree.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await tree.exited
  const pid = Number(said)
  // What ended stays listed until its parent asks, and its new parent here may never do so.
  const lives = async () => parseStat(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''), 4_096) !== null
  expect(await lives()).toBe(true)
  await run.close()
  expect(await lives()).toBe(false)
})

test('a kernel that refuses a group costs nothing but the group', async () => {
  const cgroups = { means: 'cgroup' as const, create: () => Promise.reject(new Error('EBUSY')) }
  const bounds = createRunBounds({ clock: systemClock, log: quietLog, bounds: small, groups: cgroups })
  expect(await within(bounds, 'true')).toBeNull()
  expect(await within(bounds, forks)).toMatchObject({ code: 'SCENE_STARTS_PROCESSES' })
})

test('own groups are read from both hierarchies', () => {
  // As a systemd desktop and an older container write it.
  expect(parseOwn('0::/user.slice/user-1000.slice/session-2.scope\n').get('')).toBe('/user.slice/user-1000.slice/session-2.scope')
  const old = parseOwn('9:name=systemd:/\n5:cpu,cpuacct:/docker/ab\n4:memory:/docker/ab\n3:pids:/docker/ab\nnonsense\n')
  expect([old.get('memory'), old.get('pids'), old.get('cpuacct'), old.get('')]).toEqual([
    '/docker/ab',
    '/docker/ab',
    '/docker/ab',
    undefined,
  ])
})

test('a folder is counted with what is below, links are not followed, and counting ends at the bound', async () => {
  const tree = join(folder, 'counted')
  await mkdir(join(tree, 'below'), { recursive: true })
  await writeFile(join(tree, 'below', 'a'), Buffer.alloc(100_000, 1))
  await symlink('/usr', join(tree, 'elsewhere'))
  const most = { bytes: 10 * mib, entries: 1_000 }
  const found = await folderSize([tree, join(folder, 'not-there')], most)
  expect(found.entries).toBe(3)
  expect(found.bytes).toBeGreaterThanOrEqual(100_000)
  expect(found.bytes).toBeLessThan(mib)
  for (let index = 0; index < 30; index += 1) await writeFile(join(tree, `f${index}`), '')
  expect((await folderSize([tree], { bytes: mib, entries: 5 })).entries).toBe(6)
})
