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
  const jobId = await submitScene(data, { scene: { secondsPerFrame: 3 }, frames: '1-2', chunk: 2 })
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
  const timeline = page.getByTestId('timeline')
  await expect(timeline.locator('[data-code=SCHEDULE]')).toBeVisible()
  await timeline.getByRole('button', { name: 'All' }).click()
  await expect(timeline.locator('[data-code=EXCLUDED_APP]')).toBeVisible()

  // The same stands on the page of each worker, for computers that are elsewhere.
  await visit(page, `/workers/${up.instance().nodeId ?? ''}`)
  await expect(page.getByTestId('preferences').getByTestId('preference-apps').getByRole('textbox')).toHaveValue('pictor-e2e-game')
  await expect(page.getByTestId('timeline').locator('[data-code=SCHEDULE]').first()).toBeVisible()
  await expect(page.getByTestId('checks').locator('[data-code=BLENDER_NOT_FOUND]')).toHaveAttribute('data-state', 'pass')
})
