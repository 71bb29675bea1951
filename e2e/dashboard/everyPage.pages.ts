import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { shownPages, type ShownPage } from './shownPages.ts'

/** A page as it is walked: which route it is, and how it is brought to what is to be looked at. */
export interface WalkedPage extends ShownPage {
  /** The route's name in desktop/renderer/routes.ts; null: no page of the router, what stands in its place. */
  route: string | null
  name: string
  query?: string
  act?: (page: Page) => Promise<void>
}

/** A made-up farm whose clock stands still. Its names are hostile where people may choose them: they must be text wherever they stand. */
export const farm = 'workers=12&jobs=9&still=1'

export const pages: readonly WalkedPage[] = [
  { name: 'overview', route: 'overview', ...shownPages.overview },
  { name: 'workers', route: 'workers', ...shownPages.workers },
  {
    ...{ name: 'workers-by-tag', route: 'workers', ...shownPages.workers },
    act: async (page) => {
      await page.getByTestId('group-by-tag').click()
      await page.getByTestId('table-group').nth(1).press('ArrowLeft')
    },
  },
  {
    ...{ name: 'worker-cards', route: 'workers', ...shownPages.workers },
    act: async (page) => {
      await page.getByTestId('group-by-tag').click()
      await page.getByRole('radio', { name: 'Cards' }).click()
      await page.getByTestId('card-group').nth(1).getByRole('button').click()
    },
  },
  {
    name: 'worker',
    route: 'worker',
    path: '/workers/HERE',
    ready: '[data-testid=page]:has([data-testid=gauge-value]) [data-testid=metrics] svg',
  },
  { name: 'worker-setbacks', route: 'worker', path: '/workers/THIRD', ready: '[data-testid=avoided]' },
  { name: 'worker-blocked', route: 'worker', path: '/workers/FIFTH', ready: '[data-testid=block]' },
  { name: 'worker-statistics', route: 'worker', path: '/workers/HERE?tab=statistics', ready: '[data-testid=activity-chart] svg' },
  {
    ...{ name: 'worker-history', route: 'worker', path: '/workers/HERE?tab=history' },
    ready: '[data-testid=task-history] [data-testid=table-row]',
  },
  { name: 'task', route: 'task', path: '/workers/HERE/tasks/TASK', ready: '[data-testid=task-page]' },
  { name: 'jobs', route: 'jobs', ...shownPages.jobs },
  {
    ...{ name: 'job', route: 'job', path: '/jobs/JOB', ready: '[data-testid=frame-thumb] img' },
    act: async (page) => {
      await page.getByTestId('video-show').click()
      await page.getByTestId('video-place').fill('5')
    },
  },
  {
    ...{ name: 'picture', route: 'job', path: '/jobs/JOB', ready: '[data-testid=frame-thumb] img' },
    act: async (page) => {
      await page.getByTestId('frame-thumb').nth(2).click()
      await page.getByTestId('zoom-in').click()
    },
  },
  { name: 'earnings', route: 'earnings', ...shownPages.earnings },
  {
    name: 'computer',
    route: 'computer',
    path: '/computer',
    ready: '[data-testid=page]:has([data-testid=gauge-value]) [data-testid=last-picture] img',
  },
  { name: 'welcome', route: 'welcome', path: '/welcome', ready: '[data-testid=checks]' },
  { name: 'notices', route: 'notices', ...shownPages.notices, ready: '[data-testid=notice]' },
  { name: 'software', route: 'software', ...shownPages.software },
  { name: 'settings', route: 'settings', ...shownPages.settings },
  { name: 'account', route: 'account', query: `${farm}&place=gateway`, ...shownPages.account },
  { name: 'overview-server', route: 'overview', query: `${farm}&place=gateway`, ...shownPages.overview },
  { name: 'not-found', route: 'notFound', path: '/nowhere/at/all', ready: '[data-testid=empty-state]' },
  { name: 'sign-in', route: null, query: 'line=signIn', path: '/', ready: '[data-testid=sign-in]' },
  {
    ...{ name: 'first-steps', route: 'overview', query: 'workers=1&jobs=0&empty=1&line=local&still=1' },
    ...{ path: '/', ready: '[data-testid=first-steps]' },
  },
  { name: 'away', route: null, query: 'line=down', path: '/', ready: '[data-testid=empty-state]' },
  { name: 'not-let-in', route: null, query: 'line=notLetIn', path: '/', ready: '[data-testid=sign-in-again]' },
]

/** The names of all routes, as they stand in the router's own table. */
export function routeNames(): string[] {
  const source = readFileSync(fileURLToPath(new URL('../../desktop/renderer/routes.ts', import.meta.url)), 'utf8')
  return [...source.matchAll(/\{ path: '[^']*', name: '(\w+)'/g)].map(([, name = '']) => name)
}

/** Where each route is walked, once. */
export const pageOfRoute: readonly WalkedPage[] = pages.filter(
  ({ route }, at) => route !== null && pages.findIndex((other) => other.route === route) === at,
)

/** A state that pages can be in, whatever they show otherwise. */
export interface WalkedState {
  name: string
  query: string
  /** What says so on every page; null: only on some, see `on`. */
  mark: string
  /** What says so instead, by route. */
  on?: Record<string, string>
  /** Beside what says so, pages look as otherwise: axe looks at one of them. */
  isBeside?: true
}
const header = '[data-testid=page-header]'
export const states: readonly WalkedState[] = [
  {
    // Nothing was heard yet.
    ...{ name: 'loading', query: 'line=slow', mark: '[data-testid=skeleton]' },
    on: { settings: header, notFound: '[data-testid=empty-state]' },
  },
  {
    ...{ name: 'empty', query: 'workers=0&jobs=0&place=gateway&still=1', mark: '[data-testid=empty-state]' },
    on: { overview: '[data-testid=first-steps]', settings: header, account: '[data-testid=session]', welcome: '[data-testid=first-steps]' },
  },
  {
    name: 'server away',
    query: 'workers=12&jobs=9&line=offline&still=1',
    mark: '[data-testid=sync-pill][data-state=offline]',
    isBeside: true,
  },
  { name: 'worker away', query: 'workers=12&jobs=9&line=lost', mark: '[data-testid=page-line]:text("Last known")', isBeside: true },
  { name: 'never reached', query: 'line=down', mark: '[data-testid=empty-state]' },
  { name: 'not let in', query: 'line=notLetIn', mark: '[data-testid=sign-in-again]' },
]

/** What opens over a page. */
export interface WalkedOverlay {
  name: string
  path: string
  query?: string
  ready: string
  open: (page: Page) => Promise<void>
  /** What has opened. */
  shows: string
}
const menu = '[role=menu]'
const dialog = '[data-testid=dialog]'
const tick = (page: Page) => page.getByTestId('select-row').first().check()
const dropped = (page: Page, names: readonly string[]) =>
  page.evaluate((list) => {
    const transfer = new DataTransfer()
    for (const name of list) transfer.items.add(new File([new Uint8Array(1_000)], name))
    window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }))
  }, names)
export const overlays: readonly WalkedOverlay[] = [
  {
    name: 'account',
    path: '/',
    ready: '[data-testid=figures]',
    open: (page) => page.getByTestId('account-menu').first().click(),
    shows: menu,
  },
  {
    ...{ name: 'sync', path: '/', ready: '[data-testid=figures]' },
    ...{ open: (page) => page.getByTestId('sync-pill').click(), shows: '[data-testid=sync-details]' },
  },
  {
    ...{ name: 'palette', path: '/', ready: '[data-testid=figures]' },
    ...{ open: (page) => page.keyboard.press('Control+k'), shows: '[data-testid=palette-option]' },
  },
  {
    ...{ name: 'explained', path: '/', ready: '[data-testid=figures]' },
    ...{ open: (page) => page.getByTestId('figure-rate').getByRole('button').focus(), shows: '[role=tooltip]:popover-open' },
  },
  {
    ...{ name: 'chart as table', path: '/', ready: shownPages.overview.ready },
    open: async (page) => {
      await page.getByRole('radio', { name: 'Custom' }).click()
      await page.getByTestId('chart-as-table').click()
    },
    shows: '[data-testid=chart-table]',
  },
  { name: 'columns', ...shownPages.workers, open: (page) => page.getByTestId('columns').click(), shows: '[data-testid=column-menu]' },
  { name: 'views', ...shownPages.workers, open: (page) => page.getByTestId('views').click(), shows: '[data-testid=view-menu]' },
  { name: 'row menu', ...shownPages.workers, open: (page) => page.getByTestId('row-menu').nth(2).click(), shows: menu },
  {
    ...{ name: 'bid of many', ...shownPages.workers, shows: dialog },
    open: async (page) => {
      await tick(page)
      await page.getByTestId('bulk-bid').click()
    },
  },
  {
    ...{ name: 'deleted, with undo', ...shownPages.workers, shows: '[data-testid=toast-action]' },
    open: async (page) => {
      await tick(page)
      await page.getByTestId('bulk-remove').click()
    },
  },
  {
    ...{ name: 'new worker', ...shownPages.workers, shows: '[data-testid=worker-command]' },
    open: async (page) => {
      await page.getByTestId('new-worker').click()
      await page.getByTestId('worker-name').fill('<b>Rack</b>')
      await page.getByTestId('worker-create').click()
    },
  },
  { name: 'pause', path: '/computer', ready: '[data-testid=pause]', open: (page) => page.getByTestId('pause').click(), shows: menu },
  {
    name: 'own name',
    path: '/computer',
    ready: '[data-testid=own-name]',
    open: (page) => page.getByTestId('own-name').click(),
    shows: dialog,
  },
  {
    ...{ name: 'scene', ...shownPages.jobs, shows: '[data-testid=submit-form]' },
    open: (page) => dropped(page, ['kitchen <b>v12</b>.blend']),
  },
  {
    ...{ name: 'pictures that are none', ...shownPages.jobs, shows: '[data-testid=upscale-form] [data-testid=error-note]' },
    open: (page) => dropped(page, ['<img src=x>.png']),
  },
  {
    ...{ name: 'cancel a job', path: '/jobs/JOB', ready: '[data-testid=cancel-job]' },
    ...{ open: (page) => page.getByTestId('cancel-job').click(), shows: dialog },
  },
  {
    name: 'ledger entry',
    ...shownPages.earnings,
    open: (page) => page.getByTestId('table-row').first().click(),
    shows: '[data-testid=entry]',
  },
  {
    ...{ name: 'password', ...shownPages.account, query: `${farm}&place=gateway`, shows: dialog },
    open: (page) => page.getByTestId('password').click(),
  },
]
