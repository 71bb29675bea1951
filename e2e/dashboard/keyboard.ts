import type { Locator, Page } from '@playwright/test'

const mostSteps = 60

/** Moves the focus there with Tab alone, as somebody without a mouse would. */
export async function focusOn(page: Page, target: Locator): Promise<void> {
  await target.waitFor()
  for (let step = 0; step < mostSteps; step += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`not reached by Tab: ${String(target)}`)
}
