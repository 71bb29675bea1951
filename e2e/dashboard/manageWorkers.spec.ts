import { readFileSync } from 'node:fs'
import { accessibilityProblems } from '../support/accessibility.ts'
import { openStores } from '../support/stores.ts'
import { expect, test } from '../support/test.ts'
import { waitFor } from '../support/waitFor.ts'
import { overhang, visit } from './pages.ts'

test('workers are tagged, priced, renamed, deleted and kept; the choice of columns and language stays', async ({ computer, page }) => {
  const data = computer.folder('data')
  const up = await computer.startUp(data)
  const stores = openStores(data)
  await page.goto(await up.link())
  await visit(page, '/workers')
  for (const name of ['Rack 1', 'Rack 2 <b>bold</b>']) {
    await page.getByTestId('new-worker').click()
    await page.getByTestId('worker-name').fill(name)
    await page.getByTestId('worker-create').click()
    await expect(page.getByTestId('worker-command')).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByTestId('table-row').filter({ hasText: name })).toBeVisible()
  }
  const row = (name: string) => page.getByTestId('table-row').filter({ hasText: name })
  const stored = async (name: string) => (await stores.documents('workers')).find((worker) => worker.name === name)

  // Both at once: a bid and a tag, which then narrows the list.
  await row('Rack 1').getByTestId('select-row').check()
  await row('Rack 2').getByTestId('select-row').check()
  await expect(page.getByTestId('bulk-bar')).toContainText('2 selected')
  await page.getByTestId('bulk-bid').click()
  await page.getByTestId('prompt-field').fill('a lot')
  await page.getByTestId('prompt-apply').click()
  await expect(page.getByRole('alert')).toBeVisible()
  await page.getByTestId('prompt-field').fill('0.00002')
  await page.getByTestId('prompt-apply').click()
  await page.getByTestId('bulk-tag').click()
  await page.getByTestId('prompt-field').fill('cellar')
  await page.getByTestId('prompt-apply').click()
  await page.getByTestId('bulk-drain').click()
  await waitFor('bid, tag and wish to be stored', async () => {
    const worker = await stored('Rack 1')
    return worker?.wanted.bidMicroPerUnit === 20 && worker.wanted.pause === 'drain' && worker.tags.includes('cellar')
  })
  await page.getByTestId('filter-tag').selectOption('cellar')
  await expect(page.getByTestId('table-row')).toHaveCount(2)
  await page.getByTestId('views').click()
  await page.getByTestId('save-view').click()
  await page.getByTestId('prompt-field').fill('In the cellar')
  await page.getByTestId('prompt-apply').click()
  await page.getByTestId('clear-filters').click()
  await expect(page.getByTestId('table-row')).toHaveCount(3)

  // Together by tag: a line for each group, folded by key, whose box ticks what is in it.
  await page.getByTestId('group-by-tag').click()
  const group = (name: string) => page.getByTestId('table-group').filter({ hasText: name })
  await expect(page.getByTestId('table-group')).toHaveCount(2)
  await expect(group('cellar').getByTestId('group-count')).toHaveText('2')
  await group('No tag').press('Enter')
  await expect(page.getByTestId('table-row')).toHaveCount(2)
  await group('cellar').getByRole('checkbox').check()
  await expect(page.getByTestId('bulk-bar')).toContainText('2 selected')
  await group('cellar').getByRole('checkbox').uncheck()
  await page.getByTestId('group-by-tag').click()
  await expect(page.getByTestId('table-row')).toHaveCount(3)

  // Deleted and taken back, then deleted for good; this computer offers no such thing.
  await row('Rack 1').getByTestId('row-menu').click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await expect(row('Rack 1')).toHaveCount(0)
  await page.getByTestId('toast-action').click()
  await expect(row('Rack 1')).toBeVisible()
  await row('Rack 2').getByTestId('row-menu').click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await waitFor('the deletion to be stored', async () => (await stored('Rack 2 <b>bold</b>')) === undefined)
  expect(await stored('Rack 1')).toBeDefined()
  await row('this computer').getByTestId('row-menu').click()
  await expect(page.getByRole('menuitem', { name: 'Rename' })).toBeVisible()
  await expect(page.getByRole('menuitem', { name: 'Delete' })).toHaveCount(0)
  await page.keyboard.press('Escape')
  await row('Rack 1').getByTestId('row-menu').click()
  await page.getByRole('menuitem', { name: 'Rename' }).click()
  await page.getByTestId('prompt-field').fill('Cellar rack')
  await page.getByTestId('prompt-apply').click()
  await expect(row('Cellar rack')).toBeVisible()

  // Columns, the saved view and the language are there after a reload.
  await page.getByTestId('columns').click()
  await page.getByTestId('column-ram').check()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page.getByTestId('palette-field').fill('español')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Workers')
  await expect(page.locator('html')).toHaveAttribute('lang', 'es')
  await page.reload()
  await expect(page.getByTestId('nav-earnings')).toContainText('Ganancias')
  await expect(page.locator('[data-column=ram]')).toBeVisible()
  await page.getByTestId('views').click()
  await page.getByTestId('saved-view').click()
  await expect(page.getByTestId('table-row')).toHaveCount(1)
  expect(await accessibilityProblems(page)).toEqual([])

  // The new pages fit a phone and are clean for those who hear them.
  await visit(page, '/account')
  const downloading = page.waitForEvent('download')
  await page.getByTestId('export-all').click()
  const file = JSON.parse(readFileSync(await (await downloading).path(), 'utf8')) as { collections: { workers: { name: string }[] } }
  expect(file.collections.workers.map(({ name }) => name)).toContain('Cellar rack')
  for (const path of ['/settings', '/account', '/software', `/workers/${up.instance().nodeId}?tab=statistics`]) {
    await visit(page, path)
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await overhang(page), `${path} is not wider than a phone`).toBe(0)
    await page.setViewportSize({ width: 1280, height: 800 })
    expect(await accessibilityProblems(page), path).toEqual([])
  }
})
