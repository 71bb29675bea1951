import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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

test('of two computers with one disk, started with a token for many, the newer one becomes a worker of its own', async ({ computer }) => {
  const farm = await startFarm(computer, { withWorker: false })
  const made = (
    await runCli([
      'worker',
      'create',
      'rack',
      '--uses',
      '3',
      '--out',
      computer.folder('rack.pictor.json'),
      '--data',
      farm.serverData,
      '--json',
    ])
  ).json()
  expect(made['ok']).toBe(true)
  const { enrolmentToken } = JSON.parse(readFileSync(computer.folder('rack.pictor.json'), 'utf8')) as { enrolmentToken: string }
  const token = computer.folder('token')
  writeFileSync(token, enrolmentToken)
  // As a container is started, each time with the same words.
  const options = { env: { PICTOR_SERVER: farm.url, PICTOR_ENROLL_FILE: token } }
  const first = await computer.startWorker(farm.workerData, [], options)
  await first.stop()
  const cloneData = computer.folder('clone')
  cpSync(farm.workerData, cloneData, { recursive: true })
  await computer.startWorker(farm.workerData, [], options)
  const connected = async () => (await farm.owner().documents('presence')).filter((one) => one.connected).map(({ id }) => id)
  await waitFor('the first', async () => (await connected()).length === 1)
  await computer.startWorker(cloneData, [], options)
  await waitFor('two workers', async () => (await connected()).length === 2)
  expect(new Set(await connected()).size).toBe(2)
})
