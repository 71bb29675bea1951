import { startFarm } from '../support/farm.ts'
import { openStores } from '../support/stores.ts'
import { expect, test } from '../support/test.ts'
import { waitFor } from '../support/waitFor.ts'
import { visit } from './pages.ts'
import { submitScene } from './submitScene.ts'

test('a job is cancelled from its page: done frames stay, the rest is not rendered', async ({ computer, page }) => {
  const data = computer.folder('data')
  const up = await computer.startUp(data)
  const stores = openStores(data)
  await page.goto(await up.link())
  const jobId = await submitScene(data, { scene: { secondsPerFrame: 2 }, frames: '1-20', chunk: 2 })
  await visit(page, `/jobs/${jobId}`)
  await expect(page.getByTestId('frame-thumb').first()).toBeVisible({ timeout: 60_000 })
  await page.getByTestId('cancel-job').click()
  await page.getByTestId('cancel-job-yes').click()
  await expect(page.getByTestId('job-state')).toHaveAttribute('data-state', 'cancelled')
  await waitFor('Blender to end', () => up.processes().blender === undefined)
  const state = await stores.jobEnd(jobId)
  expect(state.accepted).toBeGreaterThan(0)
  expect(state.accepted).toBeLessThan(20)
  await expect(page.getByTestId('page-line')).toHaveText(`Cancelled at ${state.accepted} of 20 frames.`)
  await expect(page.getByTestId('cancel-job')).toHaveCount(0)
})

test('frames that failed say whose fault it was, and are tried again on request; the system shows the notice when it was asked to', async ({
  computer,
  page,
  context,
}) => {
  const farm = await startFarm(computer)
  await context.grantPermissions(['notifications'], { origin: new URL(farm.url).origin })
  // The browser's own notices, and a list of them to look at; nobody looks at the page.
  await page.addInitScript(() => {
    const shown: Notification[] = []
    class Listed extends Notification {
      constructor(title: string, options?: NotificationOptions) {
        super(title, options)
        shown.push(this)
      }
    }
    Object.assign(window, { Notification: Listed, shownNotices: shown })
    Object.defineProperty(document, 'hasFocus', { value: () => false })
  })
  const { secret } = await farm.owner().call('owners.link', {})
  await page.goto(`${farm.url}/#link=${secret}`)
  // Sent past the check of the submitting side, as an older version might.
  const jobId = await farm.submit({ camera: false }, 2, 1)
  await visit(page, `/jobs/${jobId}`)
  await expect(page.getByTestId('job-state')).toHaveAttribute('data-state', 'failed', { timeout: 60_000 })
  const problems = page.getByTestId('frame-problems')
  await expect(problems).toContainText('SCENE_NO_CAMERA')
  await expect(problems.getByTestId('frame-fault')).toHaveText(
    'The scene needs a change, then render it again. You are not charged for this.',
  )
  await expect(page.getByTestId('job-facts')).toContainText('Cost0PICTOR')
  const before = (await farm.owner().documents('tasks')).length
  const shownNotices = () =>
    page.evaluate(() => (window as unknown as { shownNotices: Notification[] }).shownNotices.map(({ body }) => body))
  await visit(page, '/notices')
  await expect(page.getByTestId('notice').first()).toContainText('2 frames could not be rendered')
  await expect(page.getByTestId('system-notices')).toHaveAttribute('data-state', 'off')
  expect(await shownNotices(), 'nothing was asked for').toEqual([])
  await page.getByTestId('system-notices-switch').click()
  await expect(page.getByTestId('system-notices')).toHaveAttribute('data-state', 'on')
  await visit(page, `/jobs/${jobId}`)

  await page.getByTestId('retry-job').click()
  await waitFor('new tasks', async () => (await farm.owner().documents('tasks')).length > before)
  await expect(page.getByTestId('job-state')).toHaveAttribute('data-state', 'failed', { timeout: 60_000 })
  expect((await farm.owner().documents('jobs')).find(({ id }) => id === jobId)?.retryGeneration).toBe(1)
  expect(await farm.owner().documents('earnings')).toEqual([])

  await visit(page, '/notices')
  await expect.poll(shownNotices).toEqual([expect.stringContaining('2 frames could not be rendered')])
  await page.evaluate(() => (window as unknown as { shownNotices: Notification[] }).shownNotices[0]?.dispatchEvent(new Event('click')))
  await expect(page.getByTestId('job-state')).toBeVisible()
  expect(new URL(page.url()).hash).toBe(`#/jobs/${jobId}`)
})
