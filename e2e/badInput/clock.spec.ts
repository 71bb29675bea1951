import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { auditJob } from '../support/audit.ts'
import { startFarm } from '../support/farm.ts'
import { openPage } from '../support/openPage.ts'
import { readStoreContents } from '../support/storeContents.ts'
import { expect, test } from '../support/test.ts'
import { waitFor } from '../support/waitFor.ts'

const frames = 4
const twoHoursMs = 2 * 3_600_000
const library = execFileSync('faketime', ['-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim()

for (const [direction, shift] of [
  ['ahead', '+2h'],
  ['behind', '-2h'],
] as const)
  test(`a clock two hours ${direction}: work goes on by the server’s time, and the node says CLOCK_WRONG`, async ({ computer, page }) => {
    const farm = await startFarm(computer)
    await farm.worker.stop()
    const before = Date.now()
    const env = { LD_PRELOAD: library, FAKETIME: shift, FAKETIME_DONT_FAKE_MONOTONIC: '1', FAKETIME_NO_CACHE: '1' }
    const worker = await computer.startWorker(farm.workerData, ['--ui', '0'], { env })
    const jobId = await farm.submit({}, frames, 2)
    await waitFor('the end of the job', async () =>
      (await farm.owner().documents('jobStates')).some(({ id, state }) => id === jobId && state === 'done'),
    )
    await openPage(page, worker, `/workers/${farm.nodeId}`)
    const note = page.getByTestId('error-note')
    await expect(note).toHaveAttribute('data-code', 'CLOCK_WRONG')
    await expect(note).toContainText('120 minutes off')
    expect(readFileSync(join(farm.workerData, 'logs', 'runtime.log'), 'utf8')).toContain('"CLOCK_WRONG"')

    await worker.stop()
    await farm.server.stop()
    const store = await readStoreContents(farm.serverData)
    auditJob(store, jobId, frames)
    // What the node wrote down carries the server's time.
    for (const run of store.runs) {
      expect(run.createdAt).toBeGreaterThan(before - twoHoursMs / 2)
      expect(run.updatedAt).toBeLessThan(Date.now() + twoHoursMs / 2)
    }
  })
