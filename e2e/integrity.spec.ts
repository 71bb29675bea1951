import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { NodeDocument } from '#shared/collections/node.schema.ts'
import { metricsSeries } from '#shared/sync/minuteMetrics.ts'
import { visit } from './dashboard/pages.ts'
import { commandLine } from './support/commandLine.ts'
import { submitAs } from './support/farm.ts'
import { movedClock } from './support/movedClock.ts'
import { openNodePeer } from './support/nodePeer.ts'
import { openStores } from './support/stores.ts'
import { expect, test } from './support/test.ts'
import { waitFor } from './support/waitFor.ts'

const minuteMs = 60_000
/** Mines nothing: it keeps a part of one core busy, as a miner would that is named and told like this. */
const busyScript = '#!/bin/bash\nwhile :; do for i in {1..20000}; do :; done; sleep 0.02; done\n'

test('what a preference answers with a pause is never blocked; a miner beside work of the network is, with what was seen, for twice as long each time, and nobody ends it', async ({
  computer,
  page,
}) => {
  const data = computer.folder('data')
  const clockFile = computer.folder('clock')
  mkdirSync(dirname(clockFile), { recursive: true })
  // A block lasts ten minutes: they pass for the node and its gateway alike.
  const clock = movedClock(clockFile, 'passes')
  const up = await computer.startUp(data, [], { env: clock.env })
  const stores = openStores(data)
  const nodeId = up.instance().nodeId ?? ''
  const node = async (): Promise<NodeDocument | undefined> => (await stores.documents('nodes')).find(({ id }) => id === nodeId)
  const programs: ChildProcess[] = []
  const badge = page.getByTestId('page-header').getByTestId('status-badge')
  const stillRuns = (program: ChildProcess) => expect([program.exitCode, program.signalCode]).toEqual([null, null])
  try {
    await page.goto(await up.link())
    await visit(page, '/computer')
    const apps = page.getByTestId('preferences').getByTestId('preference-apps')
    await apps.getByRole('checkbox').check()
    await apps.getByRole('textbox').fill('t-rex')
    await apps.getByRole('textbox').blur()
    await waitFor('the preference at the node', async () => {
      const [worker] = await stores.documents('workers')
      return worker?.wanted.preferences?.excludedApps?.includes('t-rex') === true
    })

    // Somebody else's job: frames for oneself are never judged.
    const jobId = await submitAs(data, 'Bea', { secondsPerFrame: 4 }, { frames: 60, chunkSize: 20 })
    await expect(badge).toHaveAttribute('data-status', 'processing')
    const blender = await waitFor('Blender', () => up.processes().blender ?? null)
    expect((await stores.documents('tasks')).map(({ quote }) => quote.kind)).toContain('network')

    // By name and command line a miner, and busy: but the owner said that it goes first.
    const script = join(computer.folder('game'), 't-rex')
    mkdirSync(dirname(script), { recursive: true })
    writeFileSync(script, busyScript)
    chmodSync(script, 0o755)
    const game = spawn(script, ['-a', 'kawpow', '-o', 'stratum+tcp://pool.example:3333'], { stdio: 'ignore' })
    programs.push(game)
    await expect(badge).toHaveAttribute('data-status', 'offline')
    await expect(page.getByTestId('page-line')).toHaveText('Paused: t-rex is running. Resumes when it is closed.')
    await waitFor('the run to say so', async () => (await stores.documents('runs')).some(({ state }) => state === 'paused'))
    // Two minutes more, each of which the node measured.
    const peer = await openNodePeer(up)
    const measured = async () => (await peer.series(metricsSeries(nodeId, Date.now()))).split('\n').length
    for (let minute = 1; minute <= 2; minute += 1) {
      const before = await measured()
      clock.move(60)
      await waitFor('a minute that the node measured', async () => (await measured()) > before)
    }
    peer.close()
    stillRuns(game)
    game.kill('SIGKILL')
    await expect(badge).toHaveAttribute('data-status', 'processing')
    expect(commandLine(blender), 'the suspended process goes on').toContain('blender')
    expect((await node())?.blocked).toBeUndefined()

    const miner = join(computer.folder('tools'), 'xmrig')
    mkdirSync(dirname(miner), { recursive: true })
    copyFileSync('/bin/sleep', miner)
    const mining = spawn(miner, ['3600'], { stdio: 'ignore' })
    programs.push(mining)
    await expect(badge).toHaveAttribute('data-status', 'blocked', { timeout: 60_000 })
    const first = await waitFor('the block at the server', async () => (await node())?.blocked ?? null)
    expect(first).toMatchObject({ code: 'MINER', evidence: { program: 'xmrig', sign: 'name xmrig' } })
    expect(first.until - first.since).toBe(10 * minuteMs)
    await waitFor('the task to be given back', async () => {
      const runs = (await stores.documents('runs')).filter((run) => run.jobId === jobId)
      return runs.length > 0 && runs.every(({ state }) => state === 'released')
    })
    await waitFor('the end of Blender', () => up.processes().blender === undefined)
    stillRuns(mining)

    await visit(page, `/workers/${nodeId}`)
    const panel = page.getByTestId('block')
    await expect(panel).toContainText('xmrig')
    await panel.getByRole('button').click()
    await expect(panel.getByTestId('contested')).toBeVisible()
    const noticed = async () => (await stores.documents('notices')).filter((one) => one.nodeId === nodeId).map(({ code }) => code)
    await waitFor('both notices', async () => {
      const all = await noticed()
      return all.includes('NODE_BLOCKED') && all.includes('NODE_BLOCK_CONTESTED')
    })
    expect((await node())?.blocked?.contestedAt, 'recorded by the node; it ends nothing').toBeGreaterThan(0)
    await expect(badge).toHaveAttribute('data-status', 'blocked')

    // It ends by itself; the miner is still there, so that the next frame brings the next block.
    clock.move(10 * 60 + 5)
    const second = await waitFor('the second block', async () => {
      const now = (await node())?.blocked
      return now !== undefined && now.since !== first.since ? now : null
    })
    expect(second.until - second.since).toBe(20 * minuteMs)
    expect((await node())?.pastBlocks).toMatchObject([{ since: first.since }])
    stillRuns(mining)
  } finally {
    for (const program of programs) program.kill('SIGKILL')
  }
})
