import type { Page } from '@playwright/test'

/** Where a page of the dashboard is, and what is there when it shows what it has. */
export interface ShownPage {
  path: string
  ready: string
}

export const shownPages = {
  overview: { path: '/', ready: '[data-testid=activity-chart] svg' },
  workers: { path: '/workers', ready: '[data-testid=table-row]' },
  jobs: { path: '/jobs', ready: '[data-testid=table-row]' },
  // The list that is left has such rows too.
  earnings: { path: '/earnings', ready: '[data-testid=page]:has([data-testid=ledger-totals]) [data-testid=table-row]' },
  notices: { path: '/notices', ready: '[data-testid=system-notices]' },
  software: { path: '/software', ready: '[data-testid=software-table]' },
  settings: { path: '/settings', ready: '[data-testid=language]' },
  account: { path: '/account', ready: '[data-testid=session]' },
} satisfies Record<string, ShownPage>

/** The page shows what it has, in its own letters. */
export async function shown(page: Page, { ready }: Pick<ShownPage, 'ready'>): Promise<void> {
  await page.locator(ready).first().waitFor()
  await page.evaluate(async () => document.fonts.ready)
}

/** What leads from the list of workers to a tab of the first one at hand. */
export async function openTab(page: Page, row: string, tab: 'statistics' | 'history'): Promise<void> {
  await page.locator(row).first().click()
  await page.getByTestId(`tab-${tab}`).click()
}
