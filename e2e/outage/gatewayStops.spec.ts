import { auditJob } from '../support/audit.ts'
import { startFarm } from '../support/farm.ts'
import { openNodePeer } from '../support/nodePeer.ts'
import { seriesText } from '../support/seriesText.ts'
import { readStoreContents } from '../support/storeContents.ts'
import { expect, test } from '../support/test.ts'
import { waitFor } from '../support/waitFor.ts'

const frames = 8
const chunkSize = 2

test('the gateway stops while a task renders: the node finishes its buffer, says offline, and everything converges', async ({
  computer,
  page,
}) => {
  const farm = await startFarm(computer)
  const node = await openNodePeer(farm.worker)
  const jobId = await farm.submit({ secondsPerFrame: 0.5 }, frames, chunkSize)
  await page.goto(await farm.worker.link())
  const pill = page.getByTestId('sync-pill')

  // Several tasks are in the buffer and the first frame is being rendered.
  const held = await waitFor('a full buffer and a frame in progress', async () => {
    const [tasks, runs] = [await node.documents('tasks'), await node.documents('runs')]
    const rendering = runs.some((run) => Object.values(run.frames).some(({ state }) => state === 'rendering'))
    return rendering && tasks.length >= 3 ? tasks : null
  })
  await expect(pill).toHaveAttribute('data-state', 'live')
  expect((await farm.server.stop()).code).toBe(0)

  // Without a line: every frame of the buffer is rendered and kept, and the page says so.
  const heldFrames = held.flatMap((task) => task.frames).length
  await expect(pill).toHaveAttribute('data-state', 'offline')
  await waitFor('the end of the buffer', async () => {
    const runs = (await node.documents('runs')).filter(({ id }) => held.some((task) => task.id === id))
    const kept = runs.flatMap((run) => Object.values(run.frames)).filter(({ state }) => state === 'finished' || state === 'delivered')
    return kept.length === heldFrames
  })
  const runsOffline = await node.documents('runs')
  const waiting = runsOffline.flatMap((run) => Object.values(run.frames)).filter(({ state }) => state === 'finished').length
  expect(waiting).toBeGreaterThan(chunkSize)
  await expect(pill).toContainText(`${waiting} frames waiting to upload`)
  // The page works on: another view of the same data, with no line and no reload.
  await page.getByTestId('nav-computer').click()
  await expect(page.getByTestId('uplink')).toBeVisible()
  await expect(page.getByTestId('skeleton')).toHaveCount(0)

  // The gateway is back: no click, no reload.
  await farm.startServer()
  await waitFor(
    'the end of the job',
    async () => (await farm.owner().documents('jobStates')).some((state) => state.id === jobId && state.state === 'done'),
    120_000,
  )
  await expect(pill).toHaveAttribute('data-state', 'live')
  await waitFor('all runs at the gateway as at the node', async () => {
    const [there, here] = [await farm.owner().documents('runs'), await node.documents('runs')]
    const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
    return here.every(({ state }) => state === 'done') && JSON.stringify(there.sort(byId)) === JSON.stringify(here.sort(byId))
  })
  for (const task of held) {
    const log = await node.series(`log/${task.id}`)
    expect(log).toContain('Saved')
    await waitFor(`the log of ${task.id}`, async () => (await seriesText(farm.owner(), `log/${task.id}`)) === log)
  }

  node.close()
  await farm.worker.stop()
  await farm.server.stop()
  const store = await readStoreContents(farm.serverData)
  const figures = auditJob(store, jobId, frames)
  expect(figures.ledgerEntries).toBe(frames / chunkSize)
  expect(figures.tasks).toBe(frames / chunkSize)
  expect(figures.renders, 'every frame was rendered once').toEqual(Object.fromEntries(range(frames).map((frame) => [frame, 1])))
})

const range = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1))
