import { existsSync, readFileSync } from 'node:fs'
import { reachesItsNode, skipSetUp } from './checks.ts'
import { expect, test } from './desktop.ts'
import { makeFeed, packaged, pinnedTo, releaseNotes } from './feed.ts'
import { makeVariant } from './variant.ts'

const renderTimeoutMs = 240_000

test('an update that is found while a task is rendered waits for the frame, restarts, and nothing is lost', async ({
  computer,
  desktop,
}) => {
  test.setTimeout(renderTimeoutMs + 180_000)
  const feed = await makeFeed(computer.folder('release'))
  const variant = makeVariant('update', pinnedTo(feed.url, feed.key))
  const data = computer.folder('data')
  const launch = (version: string) => desktop({ data, onHost: true, outFolder: variant.folder, environment: packaged(feed, version) })
  try {
    const app = await launch('1.0.0')
    const page = await app.page()
    await skipSetUp(page)
    await reachesItsNode(page)
    await page.getByRole('button', { name: 'Render the demo scene' }).first().click()
    const tooltip = async () => (await app.tray()).toolTip
    await expect.poll(tooltip, { timeout: renderTimeoutMs }).toContain('Rendering')

    // Whatever is loaded, nothing is installed while the system goes down; here it only looks.
    await page.evaluate(() => (location.hash = '#/settings'))
    await page.getByTestId('update-check').click()
    const updates = page.getByTestId('updates')
    await expect(updates).toHaveAttribute('data-state', 'draining', { timeout: 60_000 })
    await expect(page.getByTestId('release-notes')).toContainText(releaseNotes)
    expect(await tooltip()).toContain('Finishes its frame, then updates to 1.1.0')
    expect(existsSync(feed.started), 'not under a running task').toBe(false)
    expect(await app.exited).toBe(0)
    expect(app.output()).not.toContain('error box')
    expect(readFileSync(feed.installed, 'utf8'), 'the package was replaced').toContain('echo 1.1.0')
    await expect.poll(() => existsSync(feed.started), { timeout: 15_000 }).toBe(true)

    // The new version goes on where the old one was, by itself.
    const next = await launch('1.1.0')
    const again = await next.page()
    await again.evaluate(() => (location.hash = '#/jobs'))
    await expect(again.getByTestId('job-state').first()).toHaveAttribute('data-state', 'done', { timeout: renderTimeoutMs })
    await again.evaluate(() => (location.hash = '#/settings'))
    await expect(again.getByTestId('desktop-settings')).toBeVisible()
    await expect(again.getByTestId('updates')).toContainText('Version 1.1.0')
  } finally {
    variant.remove()
    feed.stop()
  }
})
