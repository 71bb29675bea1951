import { closeSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { auditJob } from '../support/audit.ts'
import { startFarm } from '../support/farm.ts'
import { asSeenBy, canMount, onSmallDisk } from '../support/mounts.ts'
import { readStoreContents } from '../support/storeContents.ts'
import { expect, test } from '../support/test.ts'
import { waitFor } from '../support/waitFor.ts'

const frames = 4

if (canMount)
  test('the disk fills up while frames are saved: the node holds and says why; with space again every frame is saved and delivered', async ({
    computer,
    page,
  }) => {
    const farm = await startFarm(computer)
    await farm.worker.stop()
    const disk = join(farm.workerData, 'runtime')
    const worker = await computer.startWorker(farm.workerData, ['--ui', '0'], { wrap: onSmallDisk(disk, 48) })
    const seen = asSeenBy(worker.pid, disk)
    await page.goto(await worker.link())
    const jobId = await farm.submit({ secondsPerFrame: 1 }, frames, 2)
    const node = async () => (await farm.owner().documents('nodes')).find(({ id }) => id === farm.nodeId)
    await waitFor('a frame in progress', async () =>
      (await farm.owner().documents('runs')).some((run) => Object.values(run.frames).some(({ state }) => state === 'rendering')),
    )
    fill(seen)

    await waitFor('the reason at the server', async () => (await node())?.holds.some(({ code }) => code === 'DISK_FULL'))
    await page.evaluate((id) => (location.hash = `#/workers/${id}`), farm.nodeId)
    await expect(page.getByTestId('page-line')).toContainText('the disk is full')
    const [half] = (await farm.owner().documents('jobStates')).filter(({ id }) => id === jobId)
    expect(half).toMatchObject({ failed: 0 })
    expect(half?.accepted).toBeLessThan(frames)

    rmSync(join(seen, 'filler'))
    await waitFor('the end of the job', async () =>
      (await farm.owner().documents('jobStates')).some(({ id, state }) => id === jobId && state === 'done'),
    )
    await waitFor('the end of the hold', async () => (await node())?.holds.length === 0)
    expect(readdirSync(join(seen, 'worlds')).length).toBe(1)
    await worker.stop()
    await farm.server.stop()
    const { ledgerEntries } = auditJob(await readStoreContents(farm.serverData), jobId, frames)
    expect(ledgerEntries).toBe(frames / 2)
  })

/** Takes every byte that is left. */
function fill(folder: string): void {
  const filler = openSync(join(folder, 'filler'), 'w')
  const piece = Buffer.alloc(64 * 1024)
  try {
    for (;;) writeSync(filler, piece)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    closeSync(filler)
  }
}
