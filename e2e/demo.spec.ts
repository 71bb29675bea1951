import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { isAlive } from '../desktop/launch/isAlive.ts'
import { accessibilityProblems } from './support/accessibility.ts'
import { runCli } from './support/cli.ts'
import { openPage } from './support/openPage.ts'
import { openStores } from './support/stores.ts'
import { expect, test } from './support/test.ts'
import { waitFor } from './support/waitFor.ts'

const renderTimeoutMs = 420_000

test('one command renders the demo, sums it up and leaves nothing running; the next start finds everything as it was', async ({
  computer,
  page,
}) => {
  test.setTimeout(renderTimeoutMs)
  const data = computer.folder('data')
  const demo = await runCli(['up', '--data', data, '--port', '0', '--no-open', '--demo', '--exit-when-done', '--json'], {
    timeoutMs: renderTimeoutMs - 60_000,
  })
  expect(demo.code, demo.stderr).toBe(0)
  const summary = demo.json() as {
    frames: number
    tasksAccepted: number
    ledgerTotalMicro: string
    outputs: { path: string; sha256: string }[]
  }
  expect(summary.frames).toBeGreaterThan(0)
  expect(summary.outputs).toHaveLength(summary.frames)
  for (const { path, sha256 } of summary.outputs) expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(sha256)

  const up = await computer.startUp(data)
  const stores = openStores(data)
  const [job, ...others] = await stores.documents('jobs')
  expect(others).toEqual([])
  const jobId = job?.id ?? ''
  const ledger = await stores.ledgerOf(jobId)
  expect(ledger.map(({ kind }) => kind)).toEqual(Array(summary.tasksAccepted).fill('selfRender'))
  expect(new Set(ledger.map(({ taskId }) => taskId)).size).toBe(summary.tasksAccepted)
  expect(String(ledger.reduce((sum, { grossMicro }) => sum + BigInt(grossMicro), 0n))).toBe(summary.ledgerTotalMicro)
  expect(BigInt(summary.ledgerTotalMicro) > 0n).toBe(true)
  for (const { grossMicro, feeMicro, netMicro } of ledger) expect(netMicro).toBe(grossMicro - feeMicro)
  expect(Object.values(await stores.rendersPerFrame(jobId))).toEqual(Array(summary.frames).fill(1))

  await openPage(page, up, `/jobs/${jobId}`)
  await expect(page.getByRole('heading', { name: 'Demo' })).toBeVisible()
  await waitFor('every thumbnail', async () => (await loadedPictures(page)) >= summary.frames)
  // The film of it is a file that players know by its first bytes.
  await page.getByTestId('video-show').click()
  const downloading = page.waitForEvent('download', { timeout: 60_000 })
  await page.getByTestId('video-save').click()
  const download = await downloading
  const film = readFileSync(await download.path())
  const isMp4 = download.suggestedFilename().endsWith('.mp4')
  expect(isMp4 ? film.subarray(4, 8).toString() : film.subarray(0, 4).toString('hex')).toBe(isMp4 ? 'ftyp' : '1a45dfa3')
  expect(film.length).toBeGreaterThan(2_000)

  const everyone = up.everyone()
  const { code, tookMs } = await up.stop()
  expect(code).toBe(0)
  expect(tookMs).toBeLessThan(10_000)
  expect(everyone.filter(isAlive)).toEqual([])
})

test('the page shows a render live, from the empty dashboard on', async ({ computer, page }) => {
  test.setTimeout(renderTimeoutMs)
  const data = computer.folder('data')
  const up = await computer.startUp(data)
  const stores = openStores(data)
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  await page.goto(await up.link())
  // The secret is out of the address bar at once.
  expect(page.url()).not.toContain('link=')
  await page.getByRole('button', { name: 'Render the demo scene' }).first().click()
  const job = await waitFor('the job', async () => (await stores.documents('jobs'))[0])

  // No reload from here on: the page is told.
  await page.evaluate((id) => (location.hash = `#/jobs/${id}`), job.id)
  await expect(page.getByRole('heading', { name: 'Demo' })).toBeVisible()
  await waitFor('the first picture', async () => (await loadedPictures(page)) >= 1, renderTimeoutMs / 3)
  const [first] = await waitFor(
    'the first ledger entry',
    async () => {
      const entries = await stores.ledgerOf(job.id)
      return entries.length > 0 ? entries : null
    },
    renderTimeoutMs / 3,
  )
  await page.evaluate(() => (location.hash = '#/earnings'))
  await expect(page.getByTestId('table-row').first()).toContainText('Demo')
  const closed = (await stores.documents('tasks')).filter(({ id, state }) => state === 'closed' && id === first?.taskId)
  expect(closed).toHaveLength(1)
  expect(problems).toEqual([])
  const pages = ['/', '/workers', `/workers/${up.instance().nodeId}`, '/jobs', `/jobs/${job.id}`, '/earnings', '/computer', '/notices']
  const violations: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    for (const path of pages) violations.push(...(await inaccessible(page, path)).map((found) => `${path} in ${colorScheme}: ${found}`))
  }
  expect(violations).toEqual([])
})

/** Pictures inside the page that arrived and can be decoded. */
const loadedPictures = (page: Page): Promise<number> =>
  page
    .locator('main img')
    .evaluateAll((images) => images.filter((image) => image instanceof HTMLImageElement && image.naturalWidth > 0).length)

async function inaccessible(page: Page, path: string): Promise<string[]> {
  await page.evaluate((hash) => (location.hash = hash), path)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  return accessibilityProblems(page)
}
