import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { auditJob } from '../support/audit.ts'
import { runCli } from '../support/cli.ts'
import { startFarm } from '../support/farm.ts'
import { openNodePeer } from '../support/nodePeer.ts'
import { readStoreContents } from '../support/storeContents.ts'
import { expect, test } from '../support/test.ts'
import { waitFor } from '../support/waitFor.ts'

const frames = 4

test('one key on two computers: the newer one is told NODE_CLONED, the other works on; a config of its own sets it right', async ({
  computer,
  page,
}) => {
  const farm = await startFarm(computer)
  await farm.worker.stop()
  const cloneData = computer.folder('clone')
  // As a farm clones disks.
  cpSync(farm.workerData, cloneData, { recursive: true })
  await farm.startWorker()
  await waitFor('the worker to be connected', async () =>
    (await farm.owner().documents('presence')).some(({ id, connected }) => id === farm.nodeId && connected),
  )
  const clone = await computer.startWorker(cloneData, ['--ui', '0'])
  await page.goto(await clone.link())
  const pill = page.getByTestId('sync-pill')
  await expect(pill).toHaveAttribute('data-state', 'refused')
  await page.getByTestId('nav-computer').click()
  await expect(page.getByTestId('uplink')).toContainText('NODE_CLONED')
  await expect(page.getByTestId('uplink')).toContainText('same worker key')

  const jobId = await farm.submit({}, frames, 2)
  await waitFor('the end of the job', async () =>
    (await farm.owner().documents('jobStates')).some(({ id, state }) => id === jobId && state === 'done'),
  )
  const peer = await openNodePeer(clone)
  expect(await peer.documents('runs')).toEqual([])
  peer.close()

  const config = join(cloneData, 'two.pictor.json')
  expect((await runCli(['worker', 'create', 'two', '--out', config, '--data', farm.serverData, '--json'])).code).toBe(0)
  await page.getByTestId('config-file').setInputFiles(config)
  await page.getByTestId('config-join').click()
  await expect(pill).toHaveAttribute('data-state', 'live')
  rmSync(config)
  await waitFor(
    'two connected workers',
    async () => (await farm.owner().documents('presence')).filter(({ connected }) => connected).length === 2,
  )

  await clone.stop()
  await farm.worker.stop()
  await farm.server.stop()
  auditJob(await readStoreContents(farm.serverData), jobId, frames)
})
