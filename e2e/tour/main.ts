import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Page } from '@playwright/test'
import { needChinese } from '../../build/needChinese.ts'
import { runCli } from '../support/cli.ts'
import { openTab, shown, shownPages, type ShownPage } from '../dashboard/shownPages.ts'
import { openComputer } from '../support/computer.ts'

/**
 * Takes the pictures of docs/tour.md: fills a server with an invented farm (`pictor seed`), starts it, signs in by link and walks through the
 * pages. `npm run tour`. Pages of a computer that renders are taken from a node that renders the demo scene for it.
 */
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'docs/images/tour')
const size = { width: 1_280, height: 800 }
const patienceMs = 120_000
const quality = 80

interface Stop extends ShownPage {
  name: string
  dark?: boolean
  act?: (page: Page) => Promise<void>
}

const row = '[data-testid=table-row]'
const farm: Stop[] = [
  { name: 'overview', ...shownPages.overview },
  { name: 'overview-dark', ...shownPages.overview, dark: true },
  { name: 'workers', ...shownPages.workers },
  {
    name: 'workers-by-tag',
    ...shownPages.workers,
    act: async (page) => {
      await page.getByTestId('group-by-tag').click()
      for (const group of [0, 1]) await page.getByTestId('table-group').nth(group).press('ArrowLeft')
    },
  },
  {
    name: 'new-worker',
    path: '/workers?new=1',
    ready: '[data-testid=worker-name]',
    act: async (page) => page.getByTestId('worker-name').fill('Studio PC'),
  },
  {
    name: 'worker-statistics',
    ...shownPages.workers,
    act: async (page) => {
      // The list stands in groups still.
      if (await page.getByTestId('table-group').first().isVisible()) await page.getByTestId('group-by-tag').click()
      await openTab(page, row, 'statistics')
      await page.getByRole('radio', { name: '30 d' }).first().click()
      await page.locator('[data-testid=activity-chart] svg').waitFor()
    },
  },
  {
    name: 'worker-history',
    ...shownPages.workers,
    act: async (page) => {
      await openTab(page, row, 'history')
      await page.getByTestId('task-history').getByTestId('table-row').first().waitFor()
    },
  },
  { name: 'jobs', ...shownPages.jobs },
  { name: 'earnings', ...shownPages.earnings },
  { name: 'notices', ...shownPages.notices },
  { name: 'software', ...shownPages.software },
  { name: 'account', ...shownPages.account },
  { name: 'settings', ...shownPages.settings },
  {
    name: 'palette',
    path: '/',
    ready: '[data-testid=figures]',
    act: async (page) => {
      await page.keyboard.press('Control+k')
      await page.getByTestId('palette-field').fill('berlin')
    },
  },
]
const computer: Stop[] = [
  { name: 'first-steps', path: '/', ready: '[data-testid=first-steps]' },
  {
    name: 'job',
    path: '/',
    ready: '[data-testid=render-demo]',
    act: async (page) => {
      await page.getByTestId('render-demo').click()
      await page.locator('[data-testid=frame-thumb] img').nth(fewPictures).waitFor({ timeout: patienceMs })
      await page.getByTestId('video-show').click()
      await loaded(page)
    },
  },
  {
    name: 'this-computer',
    path: '/computer',
    ready: '[data-testid=gauge-value]',
    act: async (page) => {
      await page.locator('[data-testid=last-picture] img').waitFor({ timeout: patienceMs })
      await loaded(page)
    },
  },
  {
    name: 'worker',
    ...shownPages.workers,
    act: async (page) => {
      await page.locator(row).first().click()
      await page.getByTestId('gauge-value').first().waitFor()
      await page.locator('[data-testid=metrics] svg').first().waitFor()
    },
  },
]
/** A job with fewer pictures than this (counted from none) looks as if it had hardly begun. */
const fewPictures = 2

/** Every picture in sight is there. */
const loaded = (page: Page): Promise<unknown> =>
  page.waitForFunction(() =>
    [...document.querySelectorAll('main img')].every(
      (image) => !(image instanceof HTMLImageElement) || image.getBoundingClientRect().top > innerHeight || image.naturalWidth > 0,
    ),
  )

const go = (page: Page, path: string): Promise<string> => page.evaluate((hash) => (location.hash = hash), path)

async function main(): Promise<void> {
  const wanted = process.argv.slice(2)
  mkdirSync(folder, { recursive: true })
  const scratch = mkdtempSync(join(tmpdir(), 'pictor-tour-'))
  const machine = openComputer(scratch)
  const browser = await chromium.launch({
    executablePath: process.env['PICTOR_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars'],
  })
  const page = async (link: string): Promise<Page> => {
    const context = await browser.newContext({ viewport: size, locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' })
    const opened = await context.newPage()
    opened.setDefaultTimeout(patienceMs)
    await opened.goto(link)
    await opened.getByRole('heading', { level: 1 }).waitFor()
    return opened
  }
  const chosen = (stops: Stop[]): Stop[] => stops.filter(({ name }) => wanted.length === 0 || wanted.includes(name))
  try {
    await needChinese(await browser.newPage())
    if (chosen(farm).length > 0) {
      const data = machine.folder('farm')
      const seeded = await runCli(['seed', '--workers', '24', '--tasks', '1500', '--data', data, '--owner', 'Ada', '--json'], {
        timeoutMs: patienceMs * 3,
      })
      const server = await machine.startServer(data)
      const secret = String(seeded.json()['signInSecret'])
      await walk(await page(`${server.instance().gatewayUrl ?? ''}/#link=${secret}`), chosen(farm))
    }
    if (chosen(computer).length > 0) {
      const up = await machine.startUp(machine.folder('computer'))
      await walk(await page(await up.link()), chosen(computer))
    }
  } finally {
    await browser.close()
    await machine.close()
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function walk(page: Page, stops: readonly Stop[]): Promise<void> {
  for (const { name, path, ready, act, dark } of stops) {
    await page.emulateMedia({ colorScheme: dark === true ? 'dark' : 'light', reducedMotion: 'reduce' })
    await go(page, path)
    await shown(page, { ready })
    await act?.(page)
    await page.waitForLoadState('networkidle')
    const file = join(folder, `${name}.jpg`)
    await page.screenshot({ path: file, type: 'jpeg', quality, animations: 'disabled' })
    process.stderr.write(`${name}.jpg ${Math.round(statSync(file).size / 1_000)} kB\n`)
    await page.keyboard.press('Escape')
  }
}

await main()
