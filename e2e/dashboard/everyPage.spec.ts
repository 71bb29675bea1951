import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { givePictures, startTestingPage, type TestingPage } from '../../build/testingPage.ts'
import { expect, test } from '../support/test.ts'
import { overhang } from './pages.ts'
import { openTab, shown, shownPages, type ShownPage } from './shownPages.ts'

/**
 * Every page of the dashboard in both themes, with a made-up farm whose clock stands still: axe finds nothing, nothing complains, a phone shows
 * it without scrolling sideways, and it looks as it did when somebody last looked it over (`npm run baselines` renews the pictures).
 */
const farm = 'workers=12&jobs=9&still=1'
/** The names of the farm are hostile where people may choose them: they must be text wherever they stand. */
const pages: (ShownPage & { name: string; query?: string; act?: (page: Page) => Promise<void> })[] = [
  { name: 'overview', ...shownPages.overview },
  { name: 'workers', ...shownPages.workers },
  {
    name: 'workers-by-tag',
    ...shownPages.workers,
    act: async (page) => {
      await page.getByTestId('group-by-tag').click()
      await page.getByTestId('table-group').nth(1).press('ArrowLeft')
    },
  },
  { name: 'worker', path: '/workers/HERE', ready: '[data-testid=metrics] svg' },
  { name: 'worker-statistics', path: '/workers/HERE?tab=statistics', ready: '[data-testid=activity-chart] svg' },
  { name: 'worker-history', path: '/workers/HERE?tab=history', ready: '[data-testid=task-history] [data-testid=table-row]' },
  { name: 'task', path: '/workers/HERE/tasks/TASK', ready: '[data-testid=task-page]' },
  { name: 'jobs', ...shownPages.jobs },
  {
    name: 'job',
    path: '/jobs/JOB',
    ready: '[data-testid=frame-thumb] img',
    act: async (page) => {
      await page.getByTestId('video-show').click()
      await page.getByTestId('video-place').fill('5')
    },
  },
  {
    name: 'picture',
    path: '/jobs/JOB',
    ready: '[data-testid=frame-thumb] img',
    act: async (page) => {
      await page.getByTestId('frame-thumb').nth(2).click()
      await page.getByTestId('zoom-in').click()
    },
  },
  { name: 'earnings', ...shownPages.earnings },
  { name: 'computer', path: '/computer', ready: '[data-testid=last-picture] img' },
  { name: 'notices', ...shownPages.notices, ready: '[data-testid=notice]' },
  { name: 'software', ...shownPages.software },
  { name: 'settings', ...shownPages.settings },
  { name: 'account', query: `${farm}&place=gateway`, ...shownPages.account },
  { name: 'overview-server', query: `${farm}&place=gateway`, ...shownPages.overview },
  { name: 'not-found', path: '/nowhere/at/all', ready: '[data-testid=empty-state]' },
  { name: 'sign-in', query: 'line=signIn', path: '/', ready: '[data-testid=sign-in]' },
  { name: 'first-steps', query: 'workers=1&jobs=0&empty=1&line=local&still=1', path: '/', ready: '[data-testid=first-steps]' },
  { name: 'away', query: 'line=down', path: '/', ready: '[data-testid=empty-state]' },
  { name: 'not-let-in', query: 'line=notLetIn', path: '/', ready: '[data-testid=sign-in-again]' },
]
/** In this farm the clock says so, whenever the test is run. */
const now = new Date('2026-03-10T14:30:00Z')
const phone = { width: 360, height: 740 }
const desk = { width: 1_200, height: 760 }

let testing: TestingPage
test.beforeAll(async () => {
  test.setTimeout(180_000)
  testing = await startTestingPage()
})
test.afterAll(() => testing.stop())
test.use({ locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce', viewport: desk } as object)

for (const colorScheme of ['light', 'dark'] as const)
  test(`every page is accessible, quiet and as it was, ${colorScheme}`, async ({ page }) => {
    const problems: string[] = []
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) problems.push(message.text())
    })
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('dialog', (dialog) => void dialog.dismiss().then(() => problems.push('a name was run as a script')))
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.clock.setFixedTime(now)
    await givePictures(page)
    const ids = await idsOf(page)
    for (const { name, query = farm, path, ready, act } of pages)
      await test.step(name, async () => {
        await page.setViewportSize(desk)
        await page.goto('about:blank')
        await page.goto(`${testing.address}?${query}#${fill(path, ids)}`)
        await shown(page, { ready })
        await act?.(page)
        const { violations } = await new AxeBuilder({ page }).analyze()
        for (const { id, nodes } of violations) problems.push(`${name} ${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
        await expect.soft(page).toHaveScreenshot(`${name}.${colorScheme}.png`)
        // How wide a page is does not hang on its colours.
        if (colorScheme === 'dark') return
        await page.setViewportSize(phone)
        await expect.soft.poll(() => overhang(page), { message: `${name} is not wider than a phone` }).toBe(0)
      })
    expect(problems).toEqual([])
  })

/** Which worker, task and job of the farm the pages are shown for; the same every time. */
async function idsOf(page: Page): Promise<Record<'HERE' | 'TASK' | 'JOB', string>> {
  const last = () => page.evaluate(() => location.hash.split('/').at(-1) ?? '')
  await page.goto(`${testing.address}?${farm}#/jobs`)
  await page.getByTestId('table-row').first().click()
  await page.getByTestId('frame-thumb').first().waitFor()
  const job = await last()
  await page.goto('about:blank')
  await page.goto(`${testing.address}?${farm}#/workers`)
  await openTab(page, '[data-testid=table-row]:has([data-status=processing])', 'history')
  const here = (await last()).replace(/\?.*$/, '')
  await page.getByTestId('task-history').getByTestId('table-row').first().click()
  await page.getByTestId('task-page').waitFor()
  return { HERE: here, TASK: await last(), JOB: job }
}

const fill = (path: string, ids: Record<string, string>): string => path.replace(/\b(HERE|TASK|JOB)\b/g, (key) => ids[key] ?? key)
