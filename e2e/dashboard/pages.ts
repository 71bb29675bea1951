import type { Page } from '@playwright/test'
import { expect } from '../support/test.ts'

/** Goes to a page of the dashboard without loading it again. */
export async function visit(page: Page, path: string): Promise<void> {
  // Before the page has started it would set its own address.
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.evaluate((hash) => (location.hash = hash), path)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
}

/** How many pixels the page is wider than the window; 0 on a page that fits. */
export const overhang = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)

/** The same, and of what stands in the page's place, which could be pushed sideways there. */
export const overhangInPlace = async (page: Page): Promise<number> => {
  const place = await page.evaluate(() => {
    const element = document.querySelector('[data-testid=page]')
    return (element?.scrollWidth ?? 0) - (element?.clientWidth ?? 0)
  })
  return Math.max(place, await overhang(page))
}
