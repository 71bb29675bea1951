import type { Page } from '@playwright/test'
import { startTestingPage, type TestingPage } from '../../build/testingPage.ts'
import { accessibilityProblems } from '../support/accessibility.ts'
import { expect, test } from '../support/test.ts'
import { farm, overlays, pageOfRoute, pages, routeNames, states } from './everyPage.pages.ts'
import { drawingsOf, fromDrawings, indistinctChoices } from './highContrast.ts'
import { overhang, overhangInPlace, visit } from './pages.ts'
import { openTab, shown, shownPages } from './shownPages.ts'

/**
 * Every page of the dashboard, in every state and with what opens over it, in both themes: axe finds nothing, nothing complains, and phones and very
 * large screens show it without scrolling sideways. The pages look as they did when somebody last looked them over (`npm run baselines` renews
 * the pictures).
 */
/** In this farm the clock says so, whenever the test is run. */
const now = new Date('2026-03-10T14:30:00Z')
const phone = { width: 360, height: 740 }
/** A desk at four times its size, which WCAG asks for (1.4.10), and at less than twice. */
const enlarged = { width: 320, height: 640 }
const tablet = { width: 768, height: 1_024 }
const desk = { width: 1_200, height: 760 }
const wall = { width: 3_840, height: 2_160 }
/** What of accessibility hangs on the colours of a theme. */
const colourRules = ['color-contrast', 'link-in-text-block']
/** Of the window, times how far it moved: what browsers call stable. Here it is 0.02 and less; a slow computer, on which things come one by one, has a little more. */
const mostShift = 0.1
/** What is in the page's own list of what it says aloud. */
const saidAloud = '[role=status], [role=alert], [role=log], [aria-live]:not([aria-live=off])'

let testing: TestingPage
test.beforeAll(async () => {
  test.setTimeout(180_000)
  testing = await startTestingPage()
})
test.afterAll(() => testing.stop())
test.use({ locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce', viewport: desk, trace: 'off' } as object)

test('no page of the router is left out', () => {
  const names = routeNames()
  expect(names.length).toBeGreaterThan(10)
  expect(pageOfRoute.map(({ route }) => route).sort()).toEqual(names.sort())
})

test('axe sees what is wrong, and only what it is asked for', async ({ page }) => {
  await page.setContent(
    '<html lang="en"><title>x</title><main><h1>x</h1><button></button><p style="color: #999; background: #aaa">Words</p></main>',
  )
  expect(await accessibilityProblems(page)).toEqual(['button-name: button', 'color-contrast: p'])
  expect(await accessibilityProblems(page, colourRules)).toEqual(['color-contrast: p'])
})

test('every page is accessible, quiet, fits every screen and is as it was, in both themes', async ({ page }) => {
  test.setTimeout(600_000)
  const problems = await listen(page)
  await page.clock.setFixedTime(now)
  const ids = await idsOf(page)
  for (const { name, query = farm, path, ready, act } of pages)
    await test.step(name, async () => {
      await open(page, query, fill(path, ids), ready)
      await act?.(page)
      for (const scheme of ['light', 'dark'] as const) {
        await inTheme(page, scheme)
        problems.push(...(await axe(page, `${name} ${scheme}`, scheme)))
        await expect.soft(page).toHaveScreenshot(`${name}-${scheme}.png`)
        // Until here nobody changed the theme or the window or opened anything: whatever moved, moved by itself.
        if (scheme === 'light' && act === undefined) expect.soft(await layoutShift(page), `${name} does not jump`).toBeLessThan(mostShift)
      }
      for (const size of [enlarged, phone, tablet, wall]) {
        await page.setViewportSize(size)
        await expect.soft.poll(() => overhangInPlace(page), { message: `${name} is not wider than ${size.width} px` }).toBe(0)
      }
    })
  expect(problems).toEqual([])
})

test('every page says what is the case while it loads, is empty, is cut off or is not let in, and is accessible then', async ({ page }) => {
  test.setTimeout(600_000)
  const problems = await listen(page)
  const ids = await idsOf(page)
  for (const { name, query, mark, on = {}, isBeside = false } of states)
    await test.step(name, async () => {
      await open(page, query, '/', on['overview'] ?? mark)
      let before = ''
      for (const { route, path } of pageOfRoute) {
        await visit(page, fill(path, ids))
        const shows = on[route ?? ''] ?? mark
        await expect(page.locator(shows).first(), `${String(route)}, ${name}`).toBeVisible()
        // Where the same stands in the place of every page it is looked at once.
        const looks = isBeside ? name : await page.getByTestId('page').innerText()
        if (looks === before) continue
        before = looks
        for (const scheme of ['light', 'dark'] as const) {
          await inTheme(page, scheme)
          problems.push(...(await axe(page, `${String(route)}, ${name}, ${scheme}`, scheme)))
        }
      }
    })
  expect(problems).toEqual([])
})

test('what opens over a page is accessible in both themes, and fits a phone', async ({ page }) => {
  test.setTimeout(600_000)
  const problems = await listen(page)
  const ids = await idsOf(page)
  for (const { name, query = farm, path, ready, open: act, shows } of overlays)
    await test.step(name, async () => {
      await open(page, query, fill(path, ids), ready)
      await act(page)
      await expect(page.locator(shows).first()).toBeVisible()
      for (const scheme of ['light', 'dark'] as const) {
        await inTheme(page, scheme)
        problems.push(...(await axe(page, `${name}, ${scheme}`, scheme)))
      }
      await page.setViewportSize(phone)
      await expect.soft.poll(() => overhang(page), { message: `${name} is not wider than a phone` }).toBe(0)
    })
  expect(problems).toEqual([])
})

test('what moves by itself is not said aloud, and where stillness is asked for nothing moves', async ({ page }) => {
  test.setTimeout(300_000)
  await listen(page)
  await page.addInitScript(noteMoves)
  await page.clock.install({ time: now })
  const ids = await idsOf(page)
  const moving = 'workers=12&jobs=9'
  const narrowed = async () => {
    await page.getByTestId('workers-search').fill('e')
    await page.getByTestId('filter-processing').click()
    await page.clock.runFor(2_000)
  }
  let movements = 0
  for (const { path, ready, act } of [
    { ...shownPages.workers, act: narrowed },
    { path: '/workers/HERE', ready: '[data-testid=gauges] svg', act: () => page.getByTestId('log-search').fill('mem') },
    { path: '/computer', ready: '[data-testid=gauges] svg' },
  ] as { path: string; ready: string; act?: () => Promise<unknown> }[])
    await test.step(path, async () => {
      await open(page, moving, fill(path, ids), ready)
      await act?.()
      await page.clock.runFor(3_000)
      await page.evaluate(noteWhatIsSaid, saidAloud)
      await page.clock.runFor(20_000)
      const { said, changed } = await page.evaluate(() => (window as unknown as { heard: { said: string[]; changed: number } }).heard)
      expect(said, `${path} keeps to itself what nobody asked for`).toEqual([])
      movements += changed
    })
  expect(movements, 'the pages are alive').toBeGreaterThan(100)

  const longest = () => page.evaluate(() => Math.max(0, ...(window as unknown as { movesMs: number[] }).movesMs.splice(0)))
  for (const [reducedMotion, isStill] of [
    ['no-preference', false],
    ['reduce', true],
  ] as const) {
    await open(page, farm, '/workers', shownPages.workers.ready)
    await page.emulateMedia({ colorScheme: 'light', reducedMotion })
    await longest()
    // What opens, what waits, what is said, what is pointed at.
    await page.keyboard.press('Control+k')
    await page.getByTestId('palette-option').first().waitFor()
    await page.keyboard.press('Escape')
    await page.getByTestId('select-row').first().check()
    await page.getByTestId('bulk-remove').click()
    await page.getByTestId('toast-action').hover()
    if (isStill) expect(await longest(), 'milliseconds of movement').toBeLessThanOrEqual(1)
    else await expect.poll(longest).toBeGreaterThan(100)
    await open(page, 'line=slow', '/workers', '[data-testid=skeleton]')
    await page.emulateMedia({ colorScheme: 'light', reducedMotion })
    const restless = () => page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === 'running').length)
    if (isStill) await expect.poll(restless).toBe(0)
    else await expect.poll(restless).toBeGreaterThan(0)
  }
})

test('in high contrast nothing is lost that only a colour says', async ({ page }) => {
  test.setTimeout(180_000)
  const problems = await listen(page)
  const ids = await idsOf(page)
  const seen = { drawings: 0, choices: 0 }
  for (const { name, query = farm, path, ready, act } of pages.filter(({ name }) =>
    ['overview', 'workers', 'worker-statistics', 'job', 'settings'].includes(name),
  ))
    await test.step(name, async () => {
      await open(page, query, fill(path, ids), ready)
      await act?.(page)
      const looks = await page.evaluate(drawingsOf)
      await page.emulateMedia({ forcedColors: 'active' })
      const lost = await page.evaluate(fromDrawings, looks)
      const { choices } = await page.evaluate(indistinctChoices)
      problems.push(...lost.map((what) => `${name}: ${what}`))
      await expect.poll(async () => (await page.evaluate(indistinctChoices)).alike, name).toEqual([])
      seen.drawings += looks.length
      seen.choices += choices
      await page.emulateMedia({ forcedColors: 'none' })
    })
  expect(problems).toEqual([])
  expect(seen.drawings, 'strips, bars, dots').toBeGreaterThan(100)
  expect(seen.choices, 'what is chosen of several').toBeGreaterThan(8)
})

test('on paper a page is whole, light, and without what leads elsewhere', async ({ page }) => {
  test.setTimeout(180_000)
  const problems = await listen(page)
  const rows = page.getByTestId('table-row')
  await open(page, farm, shownPages.earnings.path, shownPages.earnings.ready)
  await inTheme(page, 'dark')
  const total = Number(/\d+/.exec(await page.getByTestId('ledger-totals').innerText())?.[0])
  expect(total).toBeGreaterThan(40)
  expect(await rows.count(), 'on the screen only what is in sight is drawn').toBeLessThan(total)
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  await expect(rows).toHaveCount(total)
  await expect(page.getByRole('columnheader')).toContainText(['When', 'Job', 'Worker', 'Kind', 'Gross', 'Fee', 'Net', 'State'])
  await expect(page.getByTestId('nav-rail')).toBeHidden()
  const paper = () =>
    page.evaluate(() => ({
      colour: getComputedStyle(document.body).backgroundColor,
      cut: [...document.querySelectorAll('#page, .table-box')].filter((box) => box.scrollHeight > box.clientHeight + 1).length,
      whole: document.documentElement.scrollHeight > 20 * Number(document.querySelector('[data-testid=table-row]')?.clientHeight),
    }))
  expect(await paper()).toEqual({ colour: 'rgb(255, 255, 255)', cut: 0, whole: true })
  await page.emulateMedia({ media: null, colorScheme: 'dark' })
  await expect.poll(() => rows.count(), { message: 'and the screen has its own again' }).toBeLessThan(total)
  const pdf = await page.pdf({ format: 'A4' })
  expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length, 'sheets').toBeGreaterThan(1)

  await open(page, farm, shownPages.overview.path, shownPages.overview.ready)
  await inTheme(page, 'dark')
  const bar = page.locator('[data-testid=activity-chart] svg path[fill]').last()
  const dark = await bar.getAttribute('fill')
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  await expect(bar).not.toHaveAttribute('fill', String(dark))
  await page.emulateMedia({ media: null, colorScheme: 'dark' })
  await expect(bar).toHaveAttribute('fill', String(dark))
  expect(problems).toEqual([])
})

/** In the page: how long each movement takes that begins. */
function noteMoves(): void {
  const movesMs: number[] = []
  Object.assign(window, { movesMs })
  const note = (event: Event, property: 'transitionDuration' | 'animationDuration'): void => {
    if (event.target instanceof Element)
      movesMs.push(
        ...getComputedStyle(event.target)
          [property].split(',')
          .map((text) => parseFloat(text) * (text.trim().endsWith('ms') ? 1 : 1_000)),
      )
  }
  addEventListener('transitionrun', (event) => note(event, 'transitionDuration'), true)
  addEventListener('animationstart', (event) => note(event, 'animationDuration'), true)
}

/** In the page: what changes where it is said aloud, and how much changes at all. */
function noteWhatIsSaid(selector: string): void {
  const heard = { said: [] as string[], changed: 0 }
  Object.assign(window, { heard })
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      heard.changed += 1
      const nodes = [target, ...addedNodes].map((node) => (node instanceof Element ? node : node.parentElement))
      const region = nodes.map((node) => node?.closest(selector) ?? null).find((found) => found !== null)
      const text = region?.textContent?.trim() ?? ''
      if (text !== '') heard.said.push(text)
    }
  }).observe(document.body, { childList: true, characterData: true, subtree: true })
}

/** How much of the page moved by itself since it was opened: the sum of the browser's layout shifts, without those that follow an input. */
const layoutShift = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0
        new PerformanceObserver((list, observer) => {
          for (const entry of list.getEntries()) {
            const { value, hadRecentInput } = entry as PerformanceEntry & { value: number; hadRecentInput: boolean }
            if (!hadRecentInput) sum += value
          }
          observer.disconnect()
          resolve(sum)
        }).observe({ type: 'layout-shift', buffered: true })
        // A page without any is not told of.
        setTimeout(() => resolve(sum), 200)
      }),
  )

/** What the page complains of from now on. */
async function listen(page: Page): Promise<string[]> {
  const problems: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('dialog', (dialog) => void dialog.dismiss().then(() => problems.push('a name was run as a script')))
  return problems
}

async function open(page: Page, query: string, path: string, ready: string): Promise<void> {
  await page.setViewportSize(desk)
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  // Whatever the page that is left remembered, this one begins anew; and it must not be shown on with another address.
  if (page.url().startsWith(testing.address)) await page.evaluate(() => localStorage.clear())
  await page.goto('about:blank')
  await page.goto(`${testing.address}?${query}#${path}`)
  await shown(page, { ready })
}

async function inTheme(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  await expect(page.locator('html')).toHaveClass(new RegExp(`\\b${colorScheme}\\b`))
}

/** What axe finds; in the dark only what hangs on colours, for nothing else differs. */
async function axe(page: Page, where: string, scheme: 'light' | 'dark'): Promise<string[]> {
  const found = await accessibilityProblems(page, scheme === 'light' ? undefined : colourRules)
  return found.map((problem) => `${where} ${problem}`)
}

/** Which worker, task and job of the farm the pages are shown for; the same every time. */
async function idsOf(page: Page): Promise<Record<'HERE' | 'THIRD' | 'FIFTH' | 'TASK' | 'JOB', string>> {
  const last = () => page.evaluate(() => location.hash.split('/').at(-1) ?? '')
  await page.goto(`${testing.address}?${farm}#/jobs`)
  await page.getByTestId('table-row').first().click()
  await page.getByTestId('frame-thumb').first().waitFor()
  const job = await last()
  const workerNamed = async (name: string) => {
    await visit(page, '/workers')
    // The row, not its link: where the clock stands still Vue takes what bubbles for older than its listener.
    await page.getByTestId('table-row').filter({ hasText: name }).click()
    await page.getByTestId('gauges').waitFor()
    return last()
  }
  const [third, fifth] = [await workerNamed('Render box'), await workerNamed('Old laptop')]
  await visit(page, '/workers')
  await openTab(page, '[data-testid=table-row]:has([data-status=processing])', 'history')
  const here = (await last()).replace(/\?.*$/, '')
  await page.getByTestId('task-history').getByTestId('table-row').first().click()
  await page.getByTestId('task-page').waitFor()
  return { HERE: here, THIRD: third, FIFTH: fifth, TASK: await last(), JOB: job }
}

const fill = (path: string, ids: Record<string, string>): string =>
  path.replace(/\b(HERE|THIRD|FIFTH|TASK|JOB)\b/g, (key) => ids[key] ?? key)
