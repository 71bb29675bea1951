import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { commandLine } from '../support/commandLine.ts'
import { openStores } from '../support/stores.ts'
import { expect, test } from '../support/test.ts'
import { waitFor } from '../support/waitFor.ts'
import { visit } from './pages.ts'
import { submitScene } from './submitScene.ts'

test('an excluded program holds the worker and names itself; closed, the same Blender goes on; hours, checks and the timeline show', async ({
  computer,
  page,
}) => {
  const data = computer.folder('data')
  const up = await computer.startUp(data)
  const stores = openStores(data)
  const badge = page.getByTestId('page-header').getByTestId('status-badge')
  const line = page.getByTestId('page-line')
  await page.goto(await up.link())
  await visit(page, '/computer')
  await expect(page.getByTestId('checks').locator('[data-code=BLENDER_NOT_FOUND]')).toHaveAttribute('data-state', 'pass')

  const preferences = page.getByTestId('preferences')
  await preferences.getByTestId('preference-apps').getByRole('checkbox').check()
  await preferences.getByTestId('preference-apps').getByRole('textbox').fill('pictor-e2e-game')
  await preferences.getByTestId('preference-apps').getByRole('textbox').blur()
  // Long enough that it is still at work when it was stopped and continued twice.
  const jobId = await submitScene(data, { scene: { secondsPerFrame: 8 }, frames: '1-2', chunk: 2 })
  await expect(badge).toHaveAttribute('data-status', 'processing')
  const blender = await waitFor('Blender', () => up.processes().blender ?? null)

  const program = join(computer.folder('game'), 'pictor-e2e-game')
  mkdirSync(dirname(program), { recursive: true })
  copyFileSync('/bin/sleep', program)
  const game = spawn(program, ['600'], { stdio: 'ignore' })
  try {
    await expect(badge).toHaveAttribute('data-status', 'offline')
    await expect(line).toHaveText('Paused: pictor-e2e-game is running. Resumes when it is closed.')
    await expect(preferences.getByTestId('holds')).toContainText('pictor-e2e-game')
    await waitFor('the run to say so', async () => (await stores.documents('runs')).some(({ state }) => state === 'paused'))
    // The frame stands still with its memory, which is said; for an hour it may go on although the program runs.
    await expect(preferences.getByTestId('kept-memory')).toContainText('MiB')
    await preferences.getByTestId('work-anyway').click()
    await expect(preferences.getByTestId('working-anyway')).toBeVisible()
    await expect(badge).toHaveAttribute('data-status', 'processing')
    await preferences.getByTestId('work-anyway-end').click()
    await expect(badge).toHaveAttribute('data-status', 'offline')
  } finally {
    game.kill('SIGKILL')
  }
  await expect(badge).toHaveAttribute('data-status', 'processing')
  expect(commandLine(blender), 'the suspended process goes on').toContain('blender')
  await stores.jobEnd(jobId)
  expect(Object.values(await stores.rendersPerFrame(jobId))).toEqual([1, 1])

  await preferences.getByTestId('preference-hours').getByRole('checkbox').check()
  await preferences.getByRole('button', { name: 'Remove these hours' }).click()
  await expect(badge).toHaveAttribute('data-status', 'offline')
  await expect(line).toHaveText('Outside its hours, and no hours are set. Add some under preferences.')
  await preferences.getByTestId('preference-hours').getByRole('checkbox').uncheck()
  await expect(badge).toHaveAttribute('data-status', 'online')

  // Outside the hours for the network files rest, and only they.
  const network = preferences.getByTestId('preference-network-hours')
  await network.getByRole('checkbox').check()
  await network.getByRole('button', { name: 'Remove these hours' }).click()
  await expect(preferences.getByTestId('transfers').locator('[data-code=NETWORK_HOURS]')).toBeVisible()
  await expect(badge).toHaveAttribute('data-status', 'online')
  await network.getByRole('checkbox').uncheck()
  await expect(preferences.getByTestId('transfers')).toHaveCount(0)

  const timeline = page.getByTestId('timeline')
  await expect(timeline.locator('[data-code=SCHEDULE]')).toBeVisible()
  await timeline.getByRole('button', { name: 'All' }).click()
  await expect(timeline.locator('[data-code=EXCLUDED_APP]')).toHaveCount(2)

  // The same stands on the page of each worker, for computers that are elsewhere.
  await visit(page, `/workers/${up.instance().nodeId ?? ''}`)
  await expect(page.getByTestId('preferences').getByTestId('preference-apps').getByRole('textbox')).toHaveValue('pictor-e2e-game')
  await expect(page.getByTestId('timeline').locator('[data-code=SCHEDULE]').first()).toBeVisible()
  await expect(page.getByTestId('checks').locator('[data-code=BLENDER_NOT_FOUND]')).toHaveAttribute('data-state', 'pass')
})

test('preferences of a tag hold the workers that have it, say so at the worker, and give way to its own', async ({ computer, page }) => {
  const data = computer.folder('data')
  const up = await computer.startUp(data)
  const stores = openStores(data)
  const nodeId = up.instance().nodeId ?? ''
  await page.goto(await up.link())
  await visit(page, '/workers')
  await page.getByTestId('table-row').getByTestId('select-row').check()
  await page.getByTestId('bulk-tag').click()
  await page.getByTestId('prompt-field').fill('cellar')
  await page.getByTestId('prompt-apply').click()
  await visit(page, '/settings')
  const form = page.getByTestId('tag-preferences')
  await expect(form.getByTestId('tag-choice')).toHaveValue('cellar')
  await form.getByTestId('preference-hours').getByRole('checkbox').check()
  await form.getByRole('button', { name: 'Remove these hours' }).click()
  const codes = async () =>
    ((await stores.documents('nodes')).find(({ id }) => id === nodeId)?.holds ?? []).map(({ code }: { code: string }) => code)
  await waitFor('the hours of the tag to hold the node', async () => (await codes()).includes('SCHEDULE'))

  await visit(page, '/computer')
  const hours = page.getByTestId('preferences').getByTestId('preference-hours')
  await expect(hours.getByRole('checkbox')).toBeChecked()
  await expect(hours.getByTestId('preference-source')).toHaveText('From the tag cellar.')
  await hours.getByRole('checkbox').uncheck()
  await waitFor('the node to work by its own wish', async () => !(await codes()).includes('SCHEDULE'))
  await expect(hours.getByTestId('preference-source')).toContainText('Instead of what the tag cellar says.')
  await hours.getByTestId('preference-reset').click()
  await waitFor('the hours of the tag to hold again', async () => (await codes()).includes('SCHEDULE'))
  const [worker] = await stores.documents('workers')
  expect(worker?.wanted.preferences ?? {}).toEqual({})
})
