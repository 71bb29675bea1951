import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { auditJob } from '../support/audit.ts'
import { couchUrl } from '../support/couchPrefix.ts'
import { runCli } from '../support/cli.ts'
import { startFarm, type Farm } from '../support/farm.ts'
import { openNodePeer } from '../support/nodePeer.ts'
import { openRenderGate } from '../support/renderGate.ts'
import { readStoreContents } from '../support/storeContents.ts'
import { expect, test } from '../support/test.ts'
import { waitFor } from '../support/waitFor.ts'

const frames = 6
const chunkSize = 2

const acceptedOf = async (farm: Farm, jobId: string) =>
  (await farm.owner().documents('jobStates')).find(({ id }) => id === jobId)?.accepted ?? 0

// How a CouchDB is put back is its own business.
if (couchUrl() === null)
  test('the server is put back from a backup of before: nodes know more than it, and all agree again, with every frame paid once', async ({
    computer,
  }) => {
    const farm = await startFarm(computer)
    const node = await openNodePeer(farm.worker)
    const gate = await openRenderGate(farm.worker)
    const jobId = await farm.submit({ secondsPerFrame: 0.3 }, frames, chunkSize)
    gate.allow(1)
    await waitFor('a frame at the gateway', async () => (await acceptedOf(farm, jobId)) > 0)
    const backup = computer.folder('backup')
    expect((await runCli(['server', 'backup', backup, '--data', farm.serverData, '--json'])).json()).toMatchObject({ ok: true })

    // Everything else happens after it: the task in hand, one that the backup knows nothing of, and the job's end.
    await gate.close()
    await waitFor('the end of the job', async () => (await acceptedOf(farm, jobId)) === frames)
    await waitFor('the end of all runs at the node', async () => (await node.documents('runs')).every(({ state }) => state === 'done'))
    await farm.server.cutPower()
    renameSync(join(farm.serverData, 'gateway'), computer.folder('lost'))
    expect((await runCli(['server', 'restore', backup, '--data', farm.serverData, '--json'])).json()).toMatchObject({ ok: true })
    await farm.startServer()
    expect(await acceptedOf(farm, jobId), 'the backup is older').toBeLessThan(frames)

    await waitFor('the end of the job, again', async () => (await acceptedOf(farm, jobId)) === frames, 180_000)
    await waitFor('the end of all runs, at the gateway as at the node', async () => {
      const [there, here] = [await farm.owner().documents('runs'), await node.documents('runs')]
      const said = (runs: typeof here) => runs.map(({ id, state }) => `${id} ${state}`).sort()
      return here.every(({ state }) => /done|released/.test(state)) && JSON.stringify(said(there)) === JSON.stringify(said(here))
    })
    node.close()
    await farm.worker.stop()
    await farm.server.stop()
    const figures = auditJob(await readStoreContents(farm.serverData), jobId, frames)
    expect(figures).toMatchObject({ accepted: frames, framesPaid: frames })
  })
