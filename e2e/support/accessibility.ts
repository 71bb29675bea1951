import type { Page } from '@playwright/test'
import axe from 'axe-core'

declare global {
  interface Window {
    axe?: typeof axe
  }
}

/**
 * What axe finds on the page as it is now, a line for each rule that is broken: its name, and where. In the page itself, which has no frames.
 * @param rules only these; all of axe's by default
 */
export async function accessibilityProblems(page: Page, rules?: readonly string[]): Promise<string[]> {
  // Once for each document: it is half a megabyte.
  if (!(await page.evaluate(() => window.axe !== undefined))) await page.evaluate(axe.source)
  const found = await page.evaluate(
    async (only) => {
      const options = only === null ? {} : { runOnly: { type: 'rule' as const, values: only } }
      const results = await window.axe?.run(document, {
        resultTypes: ['violations'],
        rules: { 'target-size': { enabled: true } },
        ...options,
      })
      return results?.violations.map(({ id, nodes }) => ({ id, where: nodes.map(({ target }) => target.join(' ')) }))
    },
    rules === undefined ? null : [...rules],
  )
  if (found === undefined) throw new Error('axe is not in the page')
  return found.map(({ id, where }) => `${id}: ${where.join(', ')}`)
}
