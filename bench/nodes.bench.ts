import { fork, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startGatewayProcess, type GatewayProcess } from '../sync-server/testing/startGatewayProcess.ts'
import { connectTestClient, untilLive } from '../sync-server/testing/testClient.ts'
import type { BenchRow } from './row.ts'

/** What /proc counts CPU time in: USER_HZ, 100 a second on every Linux that Node runs on. */
const tickMs = 10
const enrolledAtOnce = 8

/**
 * Live nodes on one gateway (`short`: 200), played by one process with the real protocol, each with its own key and connection; how long a change of a
 * node's state takes to an owner's dashboard, and what the gateway's process costs.
 */
export async function benchNodes({ short }: { short: boolean }): Promise<BenchRow[]> {
  const count = short ? 200 : 1_000
  const perSecond = short ? 20 : 50
  const watchedMs = short ? 15_000 : 60_000
  const gateway = await startGatewayProcess()
  let player: ChildProcess | null = null
  const owner = await gateway.addOwner('bench')
  const dashboard = connectTestClient(gateway.url, () => owner.token)
  try {
    const nodes = await enrol(gateway, owner.ownerId, count)
    await untilLive(dashboard)
    player = fork(join(import.meta.dirname, 'nodes', 'play.ts'), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const failures: string[] = []
    const ready = new Promise<void>((resolve, reject) => {
      player?.once('exit', (code) => reject(new Error(`the played nodes ended with ${code}`)))
      player?.on('message', (message) => {
        if (typeof message !== 'object' || message === null) return
        if ('connected' in message) resolve()
        if ('failed' in message) failures.push(String(message.failed))
      })
    })
    player.send({ url: gateway.url, ownerId: owner.ownerId, nodes, perSecond })
    await ready
    const latencies: number[] = []
    dashboard.onEvent((event) => {
      if (event.event !== 'changed' || event.collection !== 'nodes') return
      for (const { saidAtMs } of event.documents) if (typeof saidAtMs === 'number') latencies.push(Date.now() - saidAtMs)
    })
    const pid = gateway.pid
    const [cpuBefore, beganAt] = [cpuMs(pid), performance.now()]
    await new Promise((resolve) => setTimeout(resolve, watchedMs))
    const cpuPercent = ((cpuMs(pid) - cpuBefore) / (performance.now() - beganAt)) * 100
    if (failures[0] !== undefined) throw new Error(`a node was not taken: ${failures[0]}`)
    if (latencies.length < (perSecond * watchedMs) / 4_000) throw new Error(`only ${latencies.length} changes arrived`)
    const inOrder = latencies.toSorted((a, b) => a - b)
    const at = (share: number): number => inOrder[Math.min(inOrder.length - 1, Math.floor(inOrder.length * share))] ?? 0
    return [
      {
        ...row(`${count} live nodes on one gateway: change of state → dashboard, p99`, '≤ 2 s', at(0.99) / 1_000, 's', 2),
        note: `${inOrder.length} changes, p50 ${at(0.5)} ms, longest ${at(1)} ms`,
      },
      row(`${count} live nodes on one gateway: its CPU`, 'none set', cpuPercent, '% of one core', null),
      row(`${count} live nodes on one gateway: its memory`, 'none set', residentMb(pid), 'MB', null),
    ]
  } finally {
    player?.kill('SIGKILL')
    dashboard.stop()
    await gateway.remove()
  }
}

async function enrol(gateway: GatewayProcess, ownerId: string, count: number): Promise<{ nodeId: string; token: string }[]> {
  const nodes: { nodeId: string; token: string }[] = []
  let begun = 0
  await Promise.all(
    Array.from({ length: enrolledAtOnce }, async () => {
      while (begun < count) {
        begun += 1
        const node = await gateway.enrolNode(ownerId, `node ${begun}`)
        const { token } = (await node.signIn()).body
        nodes.push({ nodeId: node.nodeId, token })
      }
    }),
  )
  return nodes
}

/** User and system time: fields 14 and 15 of /proc/<pid>/stat, counted after the name, which may hold spaces. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}
/** In MB of a million bytes; /proc counts in KiB. */
const residentMb = (pid: number): number => (Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024) / 1e6

function row(what: string, goal: string, ours: number, unit: string, limit: number | null): BenchRow {
  return {
    ...{ what, goal, ours: Math.round(ours * 1_000) / 1_000, unit },
    ...{ peer: limit === null ? 'none' : 'the goal', peerValue: limit, ratio: limit === null ? null : ours / limit },
    reached: limit === null ? null : ours <= limit,
  }
}
