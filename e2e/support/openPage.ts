import { expect, type Page } from '@playwright/test'
import type { Started } from './started.ts'

/** Signs in by a new link and goes to a page, e.g. `/jobs`, once the dashboard stands: before, the address still holds the link's secret. */
export async function openPage(page: Page, computer: Started, path: string): Promise<void> {
  await page.goto(await computer.link())
  await expect(page.getByTestId('nav-rail')).toBeVisible()
  await page.evaluate((hash) => (location.hash = hash), path)
}
