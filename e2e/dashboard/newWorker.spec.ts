import { openStores } from '../support/stores.ts'
import { expect, test } from '../support/test.ts'
import { visit } from './pages.ts'
import { submitScene } from './submitScene.ts'

test('a worker made on the page is set up with the file it gave, shows as online, and renders', async ({ computer, page }) => {
  const data = computer.folder('data')
  const up = await computer.startUp(data)
  const stores = openStores(data)
  await page.goto(await up.link())
  await visit(page, '/workers')
  await page.getByTestId('new-worker').click()
  await page.getByTestId('worker-name').fill('Studio PC')
  const downloading = page.waitForEvent('download')
  await page.getByTestId('worker-create').click()
  const download = await downloading
  expect(download.suggestedFilename()).toBe('Studio PC.pictor.json')
  const config = computer.folder('studio.pictor.json')
  await download.saveAs(config)
  await expect(page.getByTestId('dialog')).toContainText('Waiting for it to connect')

  await computer.startWorker(computer.folder('studio'), ['--config', config, '--ui', '0'])
  await expect(page.getByTestId('dialog')).toContainText('Studio PC is connected.')
  await page.keyboard.press('Escape')
  const row = page.getByTestId('table-row').filter({ hasText: 'Studio PC' })
  const badge = row.getByTestId('status-badge').filter({ visible: true })
  await expect(badge).toHaveAttribute('data-status', 'online')

  // This computer rests, so the work goes to the other one.
  await visit(page, '/computer')
  await page.getByTestId('pause').click()
  await page.getByRole('menuitem', { name: 'Pause now' }).click()
  await expect(page.getByTestId('resume')).toBeVisible()
  const jobId = await submitScene(data, { scene: { secondsPerFrame: 2 }, frames: '1-2', chunk: 2 })
  await visit(page, '/workers')
  await expect(badge).toHaveAttribute('data-status', 'processing', { timeout: 40_000 })
  const state = await stores.jobEnd(jobId)
  expect(state.state).toBe('done')
  const studio = (await stores.documents('workers')).find(({ name }) => name === 'Studio PC')
  expect((await stores.documents('runs')).map(({ nodeId }) => nodeId)).toEqual([studio?.id])
  await expect(badge).toHaveAttribute('data-status', 'online')

  // Paused from here: the wish travels to it, and the page says so where it is seen.
  await row.getByRole('link', { name: 'Studio PC' }).click()
  await page.getByTestId('pause').click()
  await page.getByRole('menuitem', { name: 'For 1 hour' }).click()
  await expect(page.getByTestId('page-line')).toContainText('Paused by you. Resumes by itself at')
  await page.getByTestId('resume').click()
  await expect(page.getByTestId('page-header').getByTestId('status-badge')).toHaveAttribute('data-status', 'online')
})
