import { openStores } from '../support/stores.ts'
import { expect, test } from '../support/test.ts'
import { waitFor } from '../support/waitFor.ts'
import { focusOn } from './keyboard.ts'

test('the demo is rendered, watched and cancelled with the keyboard alone', async ({ computer, page }) => {
  const data = computer.folder('data')
  const up = await computer.startUp(data)
  const stores = openStores(data)
  await page.goto(await up.link())
  await focusOn(page, page.getByTestId('render-demo'))
  await page.keyboard.press('Enter')
  const job = await waitFor('the job', async () => (await stores.documents('jobs'))[0])
  await expect(page.getByRole('heading', { level: 1 })).toContainText(job.name)

  await focusOn(page, page.getByTestId('cancel-job'))
  await page.keyboard.press('Enter')
  // The dialog takes the focus, and Escape gives it back.
  await expect(page.getByTestId('dialog')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('dialog')).toHaveCount(0)
  await expect(page.getByTestId('cancel-job')).toBeFocused()
  await page.keyboard.press('Enter')
  await focusOn(page, page.getByTestId('cancel-job-yes'))
  await page.keyboard.press('Enter')
  expect((await stores.jobEnd(job.id)).state).toBe('cancelled')
  await expect(page.getByTestId('job-state')).toHaveAttribute('data-state', 'cancelled')
})
