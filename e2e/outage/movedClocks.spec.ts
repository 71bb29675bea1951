import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { auditJob } from '../support/audit.ts'
import type { Computer } from '../support/computer.ts'
import { startFarm, type Farm } from '../support/farm.ts'
import { movedClock, type MovedClock } from '../support/movedClock.ts'
import { openNodePeer, type NodePeer } from '../support/nodePeer.ts'
import { openRenderGate } from '../support/renderGate.ts'
import { readStoreContents } from '../support/storeContents.ts'
import { expect, test } from '../support/test.ts'
import { waitFor } from '../support/waitFor.ts'

const day = 86_400
const year = 365 * day
const chunkSize = 2

const clockOf = (computer: Computer, name: string, kind: 'set' | 'passes'): MovedClock => {
  const file = computer.folder(`${name}.clock`)
  mkdirSync(dirname(file), { recursive: true })
  return movedClock(file, kind)
}

/** How many frames of the job the gateway has taken. */
const acceptedOf = async (farm: Farm, jobId: string) =>
  (await farm.owner().documents('jobStates')).find(({ id }) => id === jobId)?.accepted ?? 0
const keptBy = async (node: NodePeer) =>
  (await node.documents('runs')).flatMap((run) => Object.values(run.frames)).filter(({ state }) => /finished|delivered/.test(state)).length

async function expectAgreement(farm: Farm, node: NodePeer, jobId: string, frames: number): Promise<void> {
  await waitFor('the end of the job', async () => (await acceptedOf(farm, jobId)) === frames, 180_000)
  await waitFor('the end of all runs, at the gateway as at the node', async () => {
    const [there, here] = [await farm.owner().documents('runs'), await node.documents('runs')]
    const said = (runs: typeof here) =>
      runs.map(({ id, state, frames: each }) => ({ id, state, each })).sort((a, b) => (a.id < b.id ? -1 : 1))
    return here.every(({ state }) => /done|released/.test(state)) && JSON.stringify(said(there)) === JSON.stringify(said(here))
  })
  node.close()
  await farm.worker.stop()
  await farm.server.stop()
  const figures = auditJob(await readStoreContents(farm.serverData), jobId, frames)
  expect(figures).toMatchObject({ accepted: frames, framesPaid: frames })
}

test('the gateway is away for 30 s, for 2 minutes and for a day: what was rendered meanwhile is taken, nothing is lost or paid twice', async ({
  computer,
}) => {
  const clocks = { server: clockOf(computer, 'server', 'passes'), worker: clockOf(computer, 'worker', 'passes') }
  const farm = await startFarm(computer, { serverEnv: clocks.server.env, workerEnv: clocks.worker.env })
  const node = await openNodePeer(farm.worker)
  const gate = await openRenderGate(farm.worker)
  const frames = 8
  const jobId = await farm.submit({ secondsPerFrame: 0.3 }, frames, chunkSize)
  for (const [at, seconds] of [30, 120, day].entries()) {
    gate.allow(at * 2 + 1)
    await waitFor('a frame at the gateway', async () => (await acceptedOf(farm, jobId)) > at * 2)
    await farm.server.cutPower()
    // Rendered without a line: it waits for it.
    gate.allow(at * 2 + 2)
    await waitFor('a frame rendered meanwhile', async () => (await keptBy(node)) >= at * 2 + 2)
    for (const clock of Object.values(clocks)) clock.move(seconds)
    await farm.startServer()
    await waitFor('what was rendered meanwhile, at the gateway', async () => (await acceptedOf(farm, jobId)) >= at * 2 + 2)
  }
  await gate.close()
  await expectAgreement(farm, node, jobId, frames)
})

test('clocks are set while work goes on, the node’s and the gateway’s, by hours and by a year, ahead and back: every frame is taken and paid once', async ({
  computer,
}) => {
  const clocks = { server: clockOf(computer, 'server', 'set'), worker: clockOf(computer, 'worker', 'set') }
  const farm = await startFarm(computer, { serverEnv: clocks.server.env, workerEnv: clocks.worker.env })
  const node = await openNodePeer(farm.worker)
  const gate = await openRenderGate(farm.worker)
  const jumps = [
    ['worker', day],
    ['worker', -day - 7_200],
    ['worker', year],
    ['worker', 7_200 - year],
    ['server', day],
    ['server', -day - 7_200],
    ['server', year],
    ['server', 7_200 - year],
  ] as const
  const frames = jumps.length + 2
  const jobId = await farm.submit({ secondsPerFrame: 0.3 }, frames, chunkSize)
  for (const [at, [whose, seconds]] of jumps.entries()) {
    gate.allow(at + 1)
    await waitFor(`frame ${at + 1} at the gateway`, async () => (await acceptedOf(farm, jobId)) > at)
    clocks[whose].move(seconds)
    // A session of people lasts a month.
    if (whose === 'server' && Math.abs(seconds) > 30 * day) await farm.signInAgain()
  }
  await gate.close()
  await expectAgreement(farm, node, jobId, frames)
})
