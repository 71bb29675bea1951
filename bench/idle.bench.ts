import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { engineFlags } from '../desktop/launch/engineFlags.ts'
import { startHousehold } from '../desktop/runtime/testing/startHousehold.ts'
import { residentMb as resident } from './residentMb.ts'
import type { BenchRow } from './row.ts'

const out = join(import.meta.dirname, '..', 'out', 'node')
const scripts = { gateway: join(out, 'gateway.js'), store: join(out, 'store.js'), runtime: join(out, 'runtime.js') }
const settleMs = 20_000
/** What /proc counts CPU time in: USER_HZ, 100 a second on every Linux that Node runs on. */
const tickMs = 10

/**
 * The node's process with nothing to do, connected to a gateway, no window: share of one core and resident memory over `minutes`.
 * Peer: a bare Node process that only waits. Needs the built bundles and Linux.
 */
export async function benchIdle(minutes = 10): Promise<BenchRow[]> {
  if (process.platform !== 'linux') return [cpuRow(minutes, null, null, 'needs /proc'), memoryRow(null, null, 'needs /proc')]
  const cache = await mkdtemp(join(tmpdir(), 'bench-idle-'))
  const house = await startHousehold(scripts, { engineFlags: [...engineFlags.runtime], environment: { NODE_COMPILE_CACHE: cache } })
  const bare = spawn(process.execPath, [...engineFlags.runtime, '-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' })
  try {
    // The second start: enrolled, Blender probed, code compiled.
    const first = await house.startRuntime('node', await house.newConfig('node'))
    await first.ask('computer.findBlender', {})
    await first.stop()
    const runtime = await house.startRuntime('node', null)
    await pause(settleMs)
    const ours = await watch(runtime.child.pid ?? 0, minutes)
    const peer = await watch(bare.pid ?? 0, Math.min(minutes, 0.5))
    return [cpuRow(minutes, ours.cpuPercent, peer.cpuPercent), memoryRow(ours.residentMb, peer.residentMb)]
  } finally {
    bare.kill('SIGKILL')
    await house.stop()
    await rm(cache, { recursive: true, force: true })
  }
}

/** CPU as percent of one core over the time, and the largest resident memory seen (once a second would wake the machine: every 5 s). */
async function watch(pid: number, minutes: number): Promise<{ cpuPercent: number; residentMb: number }> {
  const [beganAt, before] = [performance.now(), cpuMs(pid)]
  let residentMb = 0
  for (const endAt = beganAt + minutes * 60_000; performance.now() < endAt;) {
    await pause(Math.min(5_000, endAt - performance.now()))
    residentMb = Math.max(residentMb, resident(pid))
  }
  return { cpuPercent: ((cpuMs(pid) - before) / (performance.now() - beganAt)) * 100, residentMb }
}

/** User and system time: fields 14 and 15 of /proc/<pid>/stat, counted after the name, which may hold spaces. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}
const pause = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.max(0, delayMs)))

const round = (value: number) => Math.round(value * 1_000) / 1_000

const cpuRow = (minutes: number, ours: number | null, peerValue: number | null, note?: string): BenchRow => ({
  what: `idle node, no window: CPU over ${minutes} min`,
  goal: '≤ 0.1 % of one core',
  ours: ours === null ? null : round(ours),
  unit: '%',
  peer: 'bare Node 24, waiting',
  peerValue: peerValue === null ? null : round(peerValue),
  ratio: null,
  reached: ours === null ? null : ours <= 0.1,
  ...(note === undefined ? {} : { note }),
})

const memoryRow = (ours: number | null, peerValue: number | null, note?: string): BenchRow => ({
  what: 'idle node, no window: resident memory',
  goal: '≤ 100 MB',
  ours: ours === null ? null : Math.round(ours * 10) / 10,
  unit: 'MB',
  peer: 'bare Node 24, waiting',
  peerValue: peerValue === null ? null : Math.round(peerValue * 10) / 10,
  ratio: ours === null || peerValue === null ? null : round(ours / peerValue),
  reached: ours === null ? null : ours <= 100,
  ...(note === undefined ? {} : { note }),
})
