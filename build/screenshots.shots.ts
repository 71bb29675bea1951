import type { Page } from '@playwright/test'

export interface Shot {
  name: string
  /** What the page-local peer is to be like, see desktop/renderer/testing/startFakePeer.ts. */
  query: string
  path: string
  /** What must be there before the picture is taken. */
  until?: string
  act?: (page: Page) => Promise<void>
  dark?: boolean
  size?: { width: number; height: number }
  scale?: number
  settleMs?: number
  /** What the system speaks; English unless said. */
  locale?: string
}

const phone = { width: 360, height: 740 }
const firstRow = async (page: Page): Promise<void> => page.getByTestId('table-row').first().click()

/** Opens the first row of a list, then waits for the page behind it. */
const openFirst = async (page: Page): Promise<void> => {
  await firstRow(page)
  await page.waitForTimeout(1_500)
}

const pages: Shot[] = [
  { name: 'overview', query: 'workers=12&jobs=9', path: '/', until: '[data-testid=activity-chart] svg' },
  { name: 'overview-one', query: 'workers=1&jobs=2&line=local', path: '/', until: '[data-testid=activity-chart] svg' },
  { name: 'overview-empty', query: 'workers=1&jobs=0&empty=1&line=local', path: '/', until: '[data-testid=first-steps]' },
  { name: 'overview-loading', query: 'line=slow', path: '/', until: '[data-testid=skeleton]' },
  {
    name: 'overview-offline',
    query: 'workers=5&line=offline',
    path: '/',
    until: '[data-testid=figures]',
    act: async (page) => page.getByTestId('sync-pill').click(),
  },
  { name: 'overview-lost', query: 'workers=5&line=lost', path: '/', until: '[data-testid=sync-pill][data-state=noRuntime]' },
  { name: 'overview-down', query: 'line=down', path: '/', until: '[data-testid=empty-state]' },
  { name: 'workers', query: 'workers=12&jobs=9', path: '/workers', until: '[data-testid=table-row]', settleMs: 2_200 },
  { name: 'workers-many', query: 'workers=5000&jobs=9&place=gateway', path: '/workers', until: '[data-testid=table-row]', settleMs: 2_500 },
  {
    name: 'workers-chosen',
    query: 'workers=1000&jobs=9&place=gateway',
    path: '/workers',
    until: '[data-testid=table-row]',
    act: async (page) => {
      await page.getByTestId('select-row').nth(1).click()
      await page
        .getByTestId('select-row')
        .nth(5)
        .click({ modifiers: ['Shift'] })
      await page.getByTestId('columns').click()
      await page.getByTestId('column-ram').check()
      await page.getByTestId('column-version').check()
    },
  },
  {
    name: 'workers-menu',
    query: 'workers=12&jobs=9',
    path: '/workers',
    until: '[data-testid=table-row]',
    act: async (page) => page.locator('button[aria-haspopup=menu]:visible').nth(8).click(),
  },
  {
    name: 'workers-cards',
    query: 'workers=12&jobs=9',
    path: '/workers',
    until: '[data-testid=table-row]',
    act: async (page) => page.getByRole('radio', { name: 'Cards' }).click(),
    settleMs: 2_200,
  },
  { name: 'workers-none', query: 'workers=0&jobs=0&place=gateway', path: '/workers', until: '[data-testid=empty-state]' },
  { name: 'workers-one', query: 'workers=1&jobs=2&line=local', path: '/workers', until: '[data-testid=table-row]' },
  {
    name: 'workers-new',
    query: 'workers=5',
    path: '/workers',
    until: '[data-testid=table-row]',
    act: async (page) => page.getByTestId('new-worker').click(),
  },
  {
    name: 'workers-made',
    query: 'workers=5',
    path: '/workers',
    until: '[data-testid=table-row]',
    act: async (page) => {
      await page.getByTestId('new-worker').click()
      await page.getByTestId('worker-name').fill('Studio PC 2')
      await page.getByTestId('worker-create').click()
      await page.getByTestId('worker-command').waitFor()
    },
  },
  { name: 'jobs', query: 'workers=12&jobs=40', path: '/jobs', until: '[data-testid=table-row]' },
  { name: 'jobs-none', query: 'workers=1&jobs=0', path: '/jobs', until: '[data-testid=empty-state]' },
  { name: 'job', query: 'workers=12&jobs=9', path: '/jobs', until: '[data-testid=table-row]', act: openFirst },
  {
    name: 'job-film',
    query: 'workers=12&jobs=9',
    path: '/jobs',
    until: '[data-testid=table-row]',
    act: async (page) => {
      await openFirst(page)
      await page.getByTestId('video-show').click()
      await page.getByTestId('video-place').fill('7')
    },
  },
  {
    name: 'job-picture',
    query: 'workers=12&jobs=9',
    path: '/jobs',
    until: '[data-testid=table-row]',
    act: async (page) => {
      await openFirst(page)
      await page.getByTestId('frame-thumb').nth(3).click()
    },
  },
  {
    name: 'job-failed',
    query: 'workers=12&jobs=9',
    path: '/jobs',
    until: '[data-testid=table-row]',
    act: async (page) => {
      await page.locator('[data-testid=table-row]:has([data-state=failed])').first().click()
      await page.waitForTimeout(800)
    },
  },
  {
    name: 'worker',
    query: 'workers=12&jobs=9',
    path: '/workers',
    until: '[data-testid=table-row]',
    act: async (page) => {
      await page.locator('[data-testid=table-row]:has([data-status=processing])').first().click()
      await page.waitForTimeout(6_000)
    },
  },
  {
    name: 'worker-offline',
    query: 'workers=12&jobs=9',
    path: '/workers',
    until: '[data-testid=table-row]',
    act: async (page) => {
      await page.locator('[data-testid=table-row]:has([data-status=offline])').first().click()
      await page.waitForTimeout(1_000)
    },
  },
  {
    name: 'worker-statistics',
    query: 'workers=12&jobs=9',
    path: '/workers',
    until: '[data-testid=table-row]',
    act: async (page) => {
      await page.locator('[data-testid=table-row]:has([data-status=processing])').first().click()
      await page.getByTestId('tab-statistics').click()
      await page.locator('[data-testid=activity-chart] svg').waitFor()
    },
  },
  {
    name: 'worker-history',
    query: 'workers=12&jobs=40',
    path: '/workers',
    until: '[data-testid=table-row]',
    act: async (page) => {
      await page.locator('[data-testid=table-row]:has([data-status=processing])').first().click()
      await page.getByTestId('tab-history').click()
    },
  },
  {
    name: 'task',
    query: 'workers=12&jobs=40',
    path: '/workers',
    until: '[data-testid=table-row]',
    act: async (page) => {
      await page.locator('[data-testid=table-row]:has([data-status=processing])').first().click()
      await page.getByTestId('tab-history').click()
      await page.getByTestId('task-history').getByTestId('table-row').nth(2).click()
      await page.getByTestId('task-page').waitFor()
    },
    settleMs: 2_000,
  },
  { name: 'earnings', query: 'workers=12&jobs=40', path: '/earnings', until: '[data-testid=table-row]' },
  {
    name: 'earnings-day',
    query: 'workers=12&jobs=40',
    path: '/earnings',
    until: '[data-testid=table-row]',
    act: async (page) => page.getByRole('radio', { name: 'By day' }).click(),
  },
  {
    name: 'earnings-entry',
    query: 'workers=12&jobs=40',
    path: '/earnings',
    until: '[data-testid=table-row]',
    act: async (page) => {
      await page.getByTestId('table-row').first().click()
      await page.getByTestId('entry').waitFor()
    },
  },
  { name: 'earnings-none', query: 'workers=1&jobs=0', path: '/earnings', until: '[data-testid=empty-state]' },
  { name: 'computer', query: 'workers=5&jobs=9', path: '/computer', settleMs: 4_000 },
  {
    name: 'computer-preferences',
    query: 'workers=5&jobs=9',
    path: '/computer',
    until: '[data-testid=preferences]',
    size: { width: 1440, height: 1700 },
    act: async (page) => {
      const panel = page.getByTestId('preferences')
      for (const row of ['network-hours', 'upload', 'quota', 'ram'])
        await panel.getByTestId(`preference-${row}`).getByRole('checkbox').check()
      await panel.evaluate((element) => element.scrollIntoView())
    },
    settleMs: 2_000,
  },
  { name: 'computer-no-blender', query: 'workers=1&jobs=0&blender=missing&line=local', path: '/computer', settleMs: 2_000 },
  { name: 'notices', query: 'workers=12&jobs=9', path: '/notices' },
  { name: 'notices-none', query: 'workers=1&jobs=0', path: '/notices', until: '[data-testid=empty-state]' },
  {
    name: 'palette',
    query: 'workers=12&jobs=9',
    path: '/',
    until: '[data-testid=figures]',
    act: async (page) => {
      await page.keyboard.press('Control+k')
      await page.getByTestId('palette-field').fill('st')
    },
  },
  { name: 'software', query: 'workers=12&jobs=9', path: '/software', until: '[data-testid=software-table]' },
  { name: 'settings', query: 'workers=5&jobs=9', path: '/settings', until: '[data-testid=language]' },
  { name: 'account', query: 'workers=5&jobs=9&place=gateway', path: '/account', until: '[data-testid=wallet]' },
  { name: 'sign-in', query: 'line=signIn', path: '/', until: '[data-testid=sign-in]' },
  {
    name: 'submit',
    query: 'workers=5&jobs=9',
    path: '/jobs',
    until: '[data-testid=table-row]',
    act: async (page) => {
      await page.evaluate(() => {
        const transfer = new DataTransfer()
        transfer.items.add(new File([new Uint8Array(1_000)], 'kitchen_v12.blend'))
        window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }))
      })
      await page.getByTestId('submit-form').waitFor()
    },
  },
  { name: 'not-found', query: 'workers=1', path: '/nowhere/at/all' },
]

const narrow = [
  'overview',
  'overview-empty',
  'workers',
  'workers-menu',
  'jobs',
  'job',
  'worker',
  'worker-statistics',
  'worker-history',
  'task',
  'earnings',
  'earnings-day',
  'earnings-entry',
  'computer',
  'notices',
  'submit',
  'workers-made',
  'palette',
  'software',
  'settings',
  'account',
]
/** The pages whose words are longest and most, in the other languages. */
const translated = ['overview', 'workers', 'earnings', 'settings']
const inLanguage = (tag: string): Shot[] =>
  pages.filter(({ name }) => translated.includes(name)).map((shot) => ({ ...shot, name: `${shot.name}.${tag}`, locale: tag }))

/** Every page and state in both themes; the main ones at 360 px too. */
export const shots: Shot[] = [
  ...pages,
  ...pages.map((shot) => ({ ...shot, name: `${shot.name}.dark`, dark: true })),
  ...pages.filter(({ name }) => narrow.includes(name)).map((shot) => ({ ...shot, name: `${shot.name}.narrow`, size: phone, scale: 2 })),
  ...inLanguage('es'),
  ...inLanguage('vi'),
  ...inLanguage('zh-CN'),
]
