import { once } from 'node:events'
import { loadavg } from 'node:os'
import { Worker } from 'node:worker_threads'
import { serverClient } from '../desktop/launch/serverClient.ts'
import { startFarm, type BenchFarm } from './dashboard/farm.ts'
import { cpuOfThreads } from './farm/cpuOfThreads.ts'
import { questions, type AskText, type Question } from './farm/questions.ts'
import { median } from './median.ts'
import type { BenchRow } from './row.ts'

const cpuGoalMs = 300
const turnGoalMs = 50
const rounds = 3

/**
 * Every question that a page of the dashboard puts to the gateway of a farm of 5,000 workers with 1,000,000 tasks (`short`: 1,000 and 20,000): the CPU
 * time the gateway's process spends on it, and how long whoever else asks meanwhile waits for the event loop. Needs the built bundles and Linux.
 */
export async function benchFarm({ short, farm: folder }: { short: boolean; farm: string | undefined }): Promise<BenchRow[]> {
  const farm = await startFarm(short ? { workers: 1_000, tasks: 20_000 } : { workers: 5_000, tasks: 1_000_000 }, folder)
  const watcher = new Worker(new URL('farm/turnWatcher.ts', import.meta.url), { workerData: { url: farm.url } })
  try {
    const client = serverClient(farm.url, farm.token)
    const { documents } = await client.call('documents.page', { collection: 'tasks', limit: 1 })
    const [nodeId, jobId] = [String(documents[0]?.['nodeId']), String(documents[0]?.['jobId'])]
    const slowestTurn = async (): Promise<number> => {
      watcher.postMessage(null)
      return Number((await once(watcher, 'message'))[0])
    }
    const rows: BenchRow[] = []
    for (const question of questions({ nodeId, jobId, nowMs: Date.now() })) rows.push(await measure(farm, question, slowestTurn))
    return rows
  } finally {
    await watcher.terminate()
    await farm.stop()
  }
}

/** The first time it is asked warms up: pages of the index come into memory, code is compiled. */
async function measure(farm: BenchFarm, question: Question, slowestTurn: () => Promise<number>): Promise<BenchRow> {
  const ask: AskText = async (path, body) => {
    const headers = { authorization: `Bearer ${farm.token}`, 'content-type': 'application/json' }
    const response = await fetch(`${farm.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    const text = await response.text()
    if (!response.ok || text.startsWith('{"ok":false')) throw new Error(`${question.what}: ${text.slice(0, 300)}`)
    return text
  }
  const pid = farm.gateway.child.pid ?? 0
  const firstAt = performance.now()
  await question.ask(ask)
  const firstMs = performance.now() - firstAt
  const [cpu, wall, turns]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < rounds; round += 1) {
    await slowestTurn()
    const [beganAt, before] = [performance.now(), cpuOfThreads(pid)]
    await question.ask(ask)
    cpu.push(cpuOfThreads(pid) - before)
    wall.push(performance.now() - beganAt)
    turns.push(await slowestTurn())
  }
  const turnMs = Math.min(...turns)
  const cpuMs = median(cpu)
  const tenth = (value: number): number => Math.round(value * 10) / 10
  return {
    ...{
      what: `farm: ${question.what}`,
      goal: `≤ ${cpuGoalMs} ms of CPU, turns ≤ ${turnGoalMs} ms`,
      ours: tenth(cpuMs),
      unit: 'ms of CPU',
    },
    ...{ peer: 'none', peerValue: null, ratio: null, reached: cpuMs <= cpuGoalMs && turnMs <= turnGoalMs },
    note: `longest turn ${tenth(turnMs)} ms; answered after ${tenth(median(wall))} ms, the first time ${tenth(firstMs)} ms; load ${(loadavg()[0] ?? 0).toFixed(1)}`,
  }
}
