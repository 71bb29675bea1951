import { descendants } from '../../desktop/launch/processTree.ts'
import { runCli } from '../support/cli.ts'
import { commandLine } from '../support/commandLine.ts'
import { openStores } from '../support/stores.ts'
import { expect, test } from '../support/test.ts'
import { waitFor } from '../support/waitFor.ts'
import { readFileSync } from 'node:fs'
import { visit } from './pages.ts'
import { submitScene } from './submitScene.ts'

test('pausing now suspends the frame in progress and it goes on; after this frame lets it end; every page says so', async ({
  computer,
  page,
}) => {
  const data = computer.folder('data')
  const up = await computer.startUp(data)
  const stores = openStores(data)
  const nodeId = up.instance().nodeId ?? ''
  const badge = page.getByTestId('page-header').getByTestId('status-badge')
  const line = page.getByTestId('page-line')
  await page.goto(await up.link())
  const jobId = await submitScene(data, { scene: { secondsPerFrame: 3 }, frames: '1-3', chunk: 3 })
  const runStates = async () => (await stores.documents('runs')).map(({ state }) => state)
  const frameStates = async () => (await stores.documents('runs')).flatMap(({ frames }) => Object.values(frames).map(({ state }) => state))

  await visit(page, '/computer')
  await expect(badge).toHaveAttribute('data-status', 'processing')
  await expect(line).toContainText('Rendering frame')
  await page.getByTestId('pause').click()
  await page.getByRole('menuitem', { name: 'Pause now' }).click()
  await expect(badge).toHaveAttribute('data-status', 'offline')
  await expect(line).toHaveText('Paused here. Resume it when you like.')
  await waitFor('the run to say so at the server', async () => (await runStates()).includes('paused'))
  // The same process, suspended: nothing of the frame is lost.
  const blender = await waitFor('Blender', () => up.processes().blender ?? null)
  await waitFor('Blender to stand still', () => processState(blender) === 'T')

  // What the owner compares: the node's own word, and the server's.
  const status = (await runCli(['status', '--data', data, '--json'])).json()
  const heard = (await stores.documents('presence')).find(({ id }) => id === nodeId)
  expect(status['keyFingerprint']).toMatch(/^SHA256:/)
  expect(status['keyFingerprint']).toBe(heard?.key?.fingerprint)

  await visit(page, '/workers')
  await expect(page.getByTestId('table-row')).toContainText('Paused here.')
  await visit(page, '/')
  await expect(page.getByTestId('nodes-by-status')).toContainText('Offline')
  await visit(page, `/workers/${nodeId}`)
  await expect(badge).toHaveAttribute('data-status', 'offline')
  await page.getByTestId('resume').click()
  await expect(badge).toHaveAttribute('data-status', 'processing')
  expect(commandLine(blender), 'the suspended process goes on').toContain('blender')

  // The same from the command line, with every process of the tree.
  const tree = () => [blender, ...descendants(blender)]
  const said = await runCli(['worker', 'pause', '--data', data, '--json'])
  expect(said.code, said.stderr).toBe(0)
  await waitFor('the whole tree to stand still', () => tree().every((pid) => processState(pid) === 'T'))
  await expect(line).toHaveText('Paused here. Resume it when you like.')
  expect((await runCli(['worker', 'resume', '--data', data, '--json'])).code).toBe(0)
  await waitFor('the whole tree to go on', () => tree().every((pid) => processState(pid) !== 'T'))
  await expect(badge).toHaveAttribute('data-status', 'processing')

  await page.getByTestId('pause').click()
  await page.getByRole('menuitem', { name: 'After this frame' }).click()
  await waitFor('a frame that ended and one that waits', async () => {
    const states = await frameStates()
    return states.some((state) => state === 'finished' || state === 'delivered') && !states.includes('rendering')
  })
  await expect(badge).toHaveAttribute('data-status', 'offline')
  expect((await stores.jobState(jobId))?.accepted).toBeLessThan(3)
  await page.getByTestId('resume').click()
  await stores.jobEnd(jobId)
  await expect(badge).toHaveAttribute('data-status', 'online')
  const renders = await stores.rendersPerFrame(jobId)
  expect(renders['1'], 'the frame that was suspended was not begun again').toBe(1)
  // Told to stop after this frame, Blender begins no other.
  expect(Object.values(renders)).toEqual([1, 1, 1])
})

/** One letter from /proc: T is a process that was told to stand still. */
const processState = (pid: number): string =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .charAt(0)
