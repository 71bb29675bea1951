import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { inspect, parseArgs } from 'node:util'
import { ensureBuilt } from '../../build/ensureBuilt.ts'
import { auditJob } from '../support/audit.ts'
import { openComputer } from '../support/computer.ts'
import { couchUrl } from '../support/couchPrefix.ts'
import { startFarm, type Farm } from '../support/farm.ts'
import { seededRandom } from '../support/seededRandom.ts'
import { readStoreContents } from '../support/storeContents.ts'
import { waitFor } from '../support/waitFor.ts'
import { killVictim, type Victim } from './victims.ts'

/**
 * kill -9 of node, gateway, store, Blender or whole computers at random moments while jobs are rendered, over and over; then everything is
 * audited from the store itself. Not part of the tests: it takes as long as it is told to.
 *
 *   node e2e/soak/main.ts [--kills 200] [--minutes 60] [--seed N] [--frames 20]
 *
 * Prints one JSON object; exit code 1 when a rule was broken (the data folder is then kept).
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    frames: { type: 'string', default: '20' },
  },
})
const [kills, minutes, seed, frames] = [Number(values.kills), Number(values.minutes), Number(values.seed), Number(values.frames)]
const chunkSize = 2
const longestLifeMs = 4_000
const say = (line: string) => process.stderr.write(`${line}\n`)

const victims: readonly Victim[] = [
  ...(['node', 'node', 'gateway', 'gateway', 'nodeComputer', 'serverComputer', 'both', 'blender'] as const),
  ...(couchUrl() === null ? (['store', 'store'] as const) : []),
]

async function soak(farm: Farm): Promise<Record<string, unknown>> {
  const random = seededRandom(seed)
  const count: Partial<Record<Victim, number>> = {}
  const jobIds: string[] = []
  const until = performance.now() + minutes * 60_000
  let done = 0
  while (done < kills && performance.now() < until) {
    if (await isIdle(farm, jobIds)) jobIds.push(await submitPatiently(farm))
    // A moment by chance, not a wait for something.
    await delay(random() * longestLifeMs)
    const victim = victims[Math.floor(random() * victims.length)] ?? 'node'
    if (!(await killVictim(farm, victim, random() < 0.3))) continue
    done += 1
    count[victim] = (count[victim] ?? 0) + 1
    if (done % 10 === 0) say(`${done} kills, ${jobIds.length} jobs`)
  }
  await waitFor('the end of all jobs', () => isIdle(farm, jobIds), 15 * 60_000)
  await waitFor(
    'the end of all runs',
    async () => (await farm.owner().documents('runs')).every(({ state }) => state === 'done'),
    5 * 60_000,
  )
  await farm.worker.stop()
  await farm.server.stop()
  const store = await readStoreContents(farm.serverData)
  const figures = jobIds.map((jobId) => auditJob(store, jobId, frames))
  const sum = (pick: (one: (typeof figures)[number]) => number) => figures.reduce((total, one) => total + pick(one), 0)
  const renders = sum((one) => Object.values(one.renders).reduce((total, starts) => total + starts, 0))
  // Each of these ends the frame in progress, and no more than that one.
  const cuts = (count.node ?? 0) + (count.nodeComputer ?? 0) + (count.both ?? 0) + (count.blender ?? 0)
  const accepted = sum((one) => one.accepted)
  return {
    ...{ seed, kills: done, victims: count, jobs: jobIds.length, framesWanted: jobIds.length * frames, accepted },
    ...{ ledgerEntries: sum((one) => one.ledgerEntries), framesPaid: sum((one) => one.framesPaid), tasks: sum((one) => one.tasks) },
    ...{ renders, framesRenderedAgain: renders - accepted, cutsOfTheNode: cuts, withinRule: renders - accepted <= cuts },
  }
}

/** The gateway is back a moment before everything in it answers. */
async function submitPatiently(farm: Farm): Promise<string> {
  return waitFor('a submitted job', () => farm.submit({ secondsPerFrame: 0.5 }, frames, chunkSize))
}

async function isIdle(farm: Farm, jobIds: readonly string[]): Promise<boolean> {
  const states = await waitFor('the gateway', () => farm.owner().documents('jobStates'))
  return jobIds.every((jobId) => states.some(({ id, state }) => id === jobId && state === 'done'))
}

await ensureBuilt(say)
process.env['PICTOR_BENCHMARK'] ??= 'asked'
const root = mkdtempSync(join(tmpdir(), 'pictor-soak-'))
const computer = openComputer(root)
const startedAtMs = performance.now()
say(`seed ${seed}, data in ${root}`)
try {
  const result = await soak(await startFarm(computer))
  process.stdout.write(`${JSON.stringify({ ...result, minutes: Math.round((performance.now() - startedAtMs) / 6_000) / 10 })}\n`)
  process.exitCode = result['withinRule'] === true ? 0 : 1
} catch (error) {
  say(inspect(error))
  process.exitCode = 1
} finally {
  await computer.close()
  if (process.exitCode === 0) rmSync(root, { recursive: true, force: true, maxRetries: 5 })
}
