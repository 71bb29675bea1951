import type { Page } from '@playwright/test'
import { expect } from '@playwright/test'

/** A page that must not be loaded anew: what it shows later it found out by itself. */
export interface WatchedPage {
  /** Fails when the page was loaded again since, or had an error nobody caught. */
  expectUntouched(): Promise<void>
}

/** From now on the page is left alone: no click, no reload. */
export async function watchPage(page: Page): Promise<WatchedPage> {
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  await page.evaluate(() => Object.assign(window, { seenByTest: true }))
  return {
    async expectUntouched() {
      expect(await page.evaluate(() => 'seenByTest' in window), 'the page was not loaded again').toBe(true)
      expect(problems).toEqual([])
    },
  }
}
