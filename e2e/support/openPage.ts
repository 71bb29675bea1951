import { expect, type Page } from '@playwright/test'
import type { Started } from './started.ts'

/** Signs in by a new link and goes to a page, e.g. `/jobs`, once the dashboard shows its first one: before, it would still set its own address. */
export async function openPage(page: Page, computer: Started, path: string): Promise<void> {
  await page.goto(await computer.link())
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.evaluate((hash) => (location.hash = hash), path)
}
