import { auditJob, rendersOf } from '../support/audit.ts'
import { runCli } from '../support/cli.ts'
import { commandLine } from '../support/commandLine.ts'
import { openPage } from '../support/openPage.ts'
import { openStores } from '../support/stores.ts'
import { readStoreContents } from '../support/storeContents.ts'
import { expect, test } from '../support/test.ts'
import { waitFor } from '../support/waitFor.ts'
import { watchPage } from '../support/watchedPage.ts'
import { makeTestScene } from '../../desktop/runtime/engines/testing/makeTestScene.ts'

test('the node is killed in the middle of frame 3 of 5: frames 1 and 2 are not rendered again, and the open page recovers', async ({
  computer,
  page,
}) => {
  const data = computer.folder('data')
  const up = await computer.startUp(data)
  const stores = openStores(data)
  const scene = await makeTestScene({ secondsPerFrame: 1.5 })
  const submitted = await runCli(['submit', scene, '--frames', '1-5', '--chunk', '5', '--data', data, '--json'])
  expect(submitted.code, submitted.stderr).toBe(0)
  const jobId = String(submitted.json()['jobId'])
  await openPage(page, up, `/jobs/${jobId}`)
  await expect(page.getByTestId('job-state')).toHaveAttribute('data-state', 'rendering')
  const watched = await watchPage(page)

  const pill = page.getByTestId('sync-pill')
  await waitFor('frame 3 in progress', async () => {
    const [run] = (await stores.documents('runs')).filter((one) => one.jobId === jobId)
    const kept = ['1', '2'].every((frame) => ['finished', 'delivered'].includes(run?.frames[frame]?.state ?? ''))
    return kept && run?.frames['3']?.state === 'rendering'
  })
  const blender = await waitFor('Blender', () => up.processes().blender)
  const killed = await up.kill('runtime')
  await expect(pill).toHaveAttribute('data-state', 'noRuntime')
  await up.waitForRole('runtime', killed)

  // The Blender of the killed node would go on rendering what nobody takes: it is ended.
  await waitFor('the end of the orphaned Blender', () => !commandLine(blender).includes('blender'))
  await expect(pill).toHaveAttribute('data-state', 'live', { timeout: 60_000 })
  expect((await stores.jobEnd(jobId)).state).toBe('done')
  await expect(page.getByTestId('job-state')).toHaveAttribute('data-state', 'done')
  await expect(page.getByTestId('count-accepted')).toContainText('5')
  await expect(page.getByTestId('frame-thumb')).toHaveCount(5)
  await watched.expectUntouched()
  const runsAtEnd = await waitFor('the run’s end at the gateway', async () => {
    const runs = (await stores.documents('runs')).filter((run) => run.jobId === jobId)
    return runs.every(({ state }) => state === 'done') ? runs : null
  })
  expect(rendersOf(runsAtEnd, jobId)).toEqual({ 1: 1, 2: 1, 3: 2, 4: 1, 5: 1 })

  await up.stop()
  const figures = auditJob(await readStoreContents(data), jobId, 5)
  expect(figures).toMatchObject({ tasks: 1, ledgerEntries: 1, framesPaid: 5, renders: { 1: 1, 2: 1, 3: 2, 4: 1, 5: 1 } })
})
