import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tar from 'tar'
import { packageHeadless } from '../build/packageHeadless.ts'
import { startFeedServer } from '../desktop/launch/updates/testing/feedServer.ts'
import { auditJob } from './support/audit.ts'
import { runCli } from './support/cli.ts'
import type { Computer } from './support/computer.ts'
import { startFarm, type Farm } from './support/farm.ts'
import { openRenderGate } from './support/renderGate.ts'
import { readStoreContents } from './support/storeContents.ts'
import { expect, test } from './support/test.ts'
import { waitFor } from './support/waitFor.ts'

/** A feed over HTTP, packages of any version for it, and one of them installed as a person would: unpacked somewhere. */
async function openWorkshop(computer: Computer) {
  const [folder, feed, key] = [computer.folder('made'), computer.folder('feed'), computer.folder('release-key.pem')]
  mkdirSync(folder)
  mkdirSync(feed)
  const server = await startFeedServer(feed)
  const { publicKey } = (await runCli(['release', 'keygen', '--out', key, '--json'])).json() as { publicKey: string }
  // Node's program is 120 MB, and what it is was tested elsewhere: here it is reached through a script of one line.
  const program = (name: string, script: string) => {
    const path = join(folder, name)
    writeFileSync(path, `#!/bin/sh\n${script}\n`)
    chmodSync(path, 0o755)
    return path
  }
  const good = program('node', `exec '${process.execPath}' "$@"`)
  const make = (version: string, nodeProgram = good) =>
    packageHeadless({ target: 'linux-x64', version, folder, feedUrl: server.url, publicKeys: [publicKey], nodeProgram, compression: 1 })
  const add = async (file: string, version: string, keyFile = key) => {
    const added = await runCli(['release', 'add', feed, file, '--version', version, '--key', keyFile, '--json'])
    expect(added.code, added.stderr).toBe(0)
  }
  return {
    ...{ server, feed, make, add },
    dead: program('dead', 'exit 9'),
    release: async (version: string, nodeProgram?: string) => add(await make(version, nodeProgram), version),
    async install(version: string) {
      const root = computer.folder('installed')
      mkdirSync(root)
      await tar.extract({ file: await make(version), cwd: root })
      return join(root, 'pictor-worker')
    },
  }
}

async function startPackagedWorker(computer: Computer, farm: Farm, home: string, ...more: string[]) {
  const config = computer.folder('worker.pictor.json')
  const worker = await computer.startWorker(farm.workerData, ['--config', config, '--ui', '0', ...more], { program: join(home, 'pictor') })
  const node = async () => (await farm.owner().documents('nodes')).find(({ id }) => id === farm.nodeId)
  await waitFor('the node', async () => (await node())?.appVersion === '1.0.0')
  const runs = (version: string) =>
    waitFor(`version ${version}`, async () => {
      const document = await node()
      return document?.appVersion === version && document.stoppedAt === undefined && document.update?.state === 'idle'
    })
  const update = async () => {
    const asked = await runCli(['worker', 'update', '--now', '--data', farm.workerData, '--json'])
    expect(asked.code, asked.stderr).toBe(0)
  }
  /** Asked for an update, it ends with this. */
  const refuses = async (code: string | null) => {
    const before = (await node())?.update?.checkedAt ?? 0
    await update()
    await waitFor(code ?? 'no update', async () => {
      const { state, checkedAt = 0, problem } = (await node())?.update ?? {}
      return state === 'idle' && checkedAt > before && (problem?.code ?? null) === code
    })
  }
  return { worker, node, runs, update, refuses }
}

test('an update waits for the frame in progress, nothing of the work is lost, and a version that does not start is taken back', async ({
  computer,
}) => {
  const workshop = await openWorkshop(computer)
  const home = await workshop.install('1.0.0')
  const farm = await startFarm(computer, { withWorker: false })
  const { worker, node, runs, update, refuses } = await startPackagedWorker(computer, farm, home)
  await refuses('UPDATE_FEED_UNREACHABLE')

  // Made before: it keeps this process busy, and the gate with it.
  const next = await workshop.make('1.1.0')
  const gate = await openRenderGate(worker)
  const jobId = await farm.submit({ width: 64, height: 64, samples: 4 }, 3, 3)
  await waitFor('a render', () => worker.processes().blender)
  await workshop.add(next, '1.1.0')
  await update()
  await waitFor('the update to wait', async () => (await node())?.update?.state === 'draining')
  expect(await node()).toMatchObject({ appVersion: '1.0.0', update: { version: '1.1.0' } })
  expect(worker.processes().blender).toBeDefined()
  gate.allow(1)
  await runs('1.1.0')
  await gate.close().catch(() => undefined)
  // The same process for whoever started it.
  expect(worker.everyone().length).toBeGreaterThan(1)
  await waitFor('the end of the job', async () =>
    (await farm.owner().documents('jobStates')).some(({ id, state }) => id === jobId && state === 'done'),
  )
  expect((await node())?.terminated).toBeUndefined()
  await waitFor('the trial to be over', () => !existsSync(join(home, 'trial')))

  await workshop.release('1.2.0', workshop.dead)
  await update()
  await waitFor('the version that dies to be taken back', () => existsSync(join(home, 'failed')))
  await runs('1.1.0')
  expect(readFileSync(join(home, 'failed'), 'utf8')).toBe('1.2.0\n')
  expect(readFileSync(join(home, 'current'), 'utf8')).toBe('1.1.0\n')
  await refuses('UPDATE_ROLLED_BACK')

  const { code } = await worker.stop()
  expect(code).toBe(0)
  await farm.server.stop()
  auditJob(await readStoreContents(farm.serverData), jobId, 3)
  await workshop.server.stop()
})

test('what is tampered with, signed by another, older or withdrawn is not installed; an update that may not wait cuts the frame and says so', async ({
  computer,
}) => {
  const workshop = await openWorkshop(computer)
  const home = await workshop.install('1.0.0')
  const farm = await startFarm(computer, { withWorker: false })
  const { worker, node, runs, update, refuses } = await startPackagedWorker(computer, farm, home, '--update-deadline', '0')

  await workshop.release('0.9.0')
  await refuses(null)
  await workshop.release('1.1.0')
  const name = 'pictor-worker-1.1.0-linux-x64.tar.gz'
  const whole = readFileSync(join(workshop.feed, name))
  await workshop.server.change(name, (content) => Buffer.concat([content.subarray(0, 5_000), Buffer.from('x'), content.subarray(5_001)]))
  await update()
  await waitFor('the damage to be seen', async () => (await node())?.update?.problem?.code === 'UPDATE_DAMAGED')
  await workshop.server.change(name, () => whole)
  await runCli(['release', 'withdraw', workshop.feed, '1.1.0', '--reason', 'renders black'])
  await update()
  await waitFor('the withdrawal to be seen', async () => (await node())?.update?.state === 'idle')
  const stranger = computer.folder('stranger.pem')
  await runCli(['release', 'keygen', '--out', stranger])
  await workshop.add(await workshop.make('1.2.0'), '1.2.0', stranger)
  await refuses('UPDATE_SIGNATURE_WRONG')
  expect(readFileSync(join(home, 'current'), 'utf8')).toBe('1.0.0\n')

  const next = await workshop.make('1.3.0')
  const gate = await openRenderGate(worker)
  const jobId = await farm.submit({ width: 64, height: 64, samples: 4 }, 2, 2)
  await waitFor('a render', () => worker.processes().blender)
  await workshop.add(next, '1.3.0')
  await update()
  await waitFor('the cut to be said', async () => (await node())?.terminated?.code === 'FORCED_UPDATE')
  await gate.close().catch(() => undefined)
  await runs('1.3.0')
  await waitFor('the end of the job', async () =>
    (await farm.owner().documents('jobStates')).some(({ id, state }) => id === jobId && state === 'done'),
  )
  await worker.stop()
  await farm.server.stop()
  auditJob(await readStoreContents(farm.serverData), jobId, 2)
  await workshop.server.stop()
})
