import { setTimeout as delay } from 'node:timers/promises'
import type { JobState } from '#shared/collections/job.schema.ts'
import { auditJob } from '../support/audit.ts'
import { couchUrl } from '../support/couchPrefix.ts'
import { startFarm, type Farm } from '../support/farm.ts'
import { openRenderGate } from '../support/renderGate.ts'
import { chooseSeed, seededRandom } from '../support/seededRandom.ts'
import { readStoreContents } from '../support/storeContents.ts'
import { expect, test } from '../support/test.ts'
import { waitFor } from '../support/waitFor.ts'

const frames = 40
const chunkSize = 2
const kills = 20
/** A kill comes at a random moment within this time after the node is connected. */
const livesAtMostMs = 1_500
/** Frames that may be rendered from one kill to the next: so that the kills are spread over the whole job, and the last one still hits it. */
const framesPerKill = 1.8

/** A CouchDB of its own is not ours to kill. */
const victims = couchUrl() === null ? (['gateway', 'store'] as const) : (['gateway'] as const)

for (const victim of victims)
  test(`the ${victim} is killed at ${kills} random moments during a job of ${frames} frames`, async ({ computer }, info) => {
    test.setTimeout(420_000)
    const seed = chooseSeed()
    info.annotations.push({ type: 'seed', description: String(seed) })
    process.stdout.write(`seed ${seed} (repeat with PICTOR_TEST_SEED)\n`)
    const random = seededRandom(seed)
    const farm = await startFarm(computer)
    const gate = await openRenderGate(farm.worker)
    const jobId = await farm.submit({ secondsPerFrame: 0.5 }, frames, chunkSize)
    let killsDuringJob = 0
    for (let kill = 1; kill <= kills; kill += 1) {
      await untilConnected(farm)
      gate.allow(Math.floor(kill * framesPerKill))
      // A moment by chance: nothing in the product is waited for here.
      await delay(random() * livesAtMostMs)
      if ((await jobState(farm, jobId))?.state !== 'done') killsDuringJob += 1
      await killAndBringBack(farm, victim, kill % 2 === 0)
    }
    await gate.close()
    await waitFor('the end of the job', async () => (await jobState(farm, jobId))?.state === 'done', 180_000)
    await waitFor('the end of all runs', async () => (await farm.owner().documents('runs')).every(({ state }) => state === 'done'), 60_000)
    expect(killsDuringJob, 'the job was not over before the kills were').toBe(kills)
    await farm.worker.stop()
    await farm.server.stop()
    const figures = auditJob(await readStoreContents(farm.serverData), jobId, frames)
    expect(figures).toMatchObject({ accepted: frames, ledgerEntries: frames / chunkSize, framesPaid: frames })
    expect(Object.values(figures.renders), 'no frame was rendered twice').toEqual(Array(frames).fill(1))
  })

const jobState = async (farm: Farm, jobId: string): Promise<JobState | undefined> =>
  (await farm.owner().documents('jobStates')).find(({ id }) => id === jobId)

async function untilConnected(farm: Farm): Promise<void> {
  await waitFor('the node at the gateway', async () => (await farm.owner().call('server.status', {})).nodesConnected > 0)
}

/**
 * SIGKILL for the one process. Every other time the product brings it back by itself (it waits longer each time, which would take minutes here);
 * else whatever is left of the server goes too, and the server is started again.
 */
async function killAndBringBack(farm: Farm, victim: 'gateway' | 'store', byItself: boolean): Promise<void> {
  const killed = await farm.server.kill(victim)
  if (byItself) {
    await farm.server.waitForRole(victim, killed)
    return
  }
  await farm.server.cutPower()
  await farm.startServer()
}
