import { existsSync, readFileSync, rmSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { descendants } from '../../desktop/launch/processTree.ts'
import { commandLine } from '../support/commandLine.ts'
import { waitFor } from '../support/waitFor.ts'
import { reachesItsNode, skipSetUp } from './checks.ts'
import { expect, test } from './desktop.ts'
import type { DesktopApp } from './driver.ts'
import { makeFeed, packaged, pinnedTo, releaseNotes } from './feed.ts'
import { processesOf } from './processes.ts'
import { makeVariant, type Change } from './variant.ts'

const renderTimeoutMs = 240_000
/** At once instead of after six hours. */
const noDrain: Change = { file: 'main/main.js', from: 'drainDeadlineMs = 216e5', to: 'drainDeadlineMs = 0' }
/** One restart instead of ten: what is shown then is the same. */
const quickRest: Change = { file: 'main/main.js', from: 'this.#failures >= 10', to: 'this.#failures >= 1' }

const tooltip = async (app: DesktopApp) => (await app.tray()).toolTip
const go = (page: Page, to: string) => page.evaluate((hash) => (location.hash = hash), to)

test('an update waits for the frame or, at its deadline, cuts it and says so; nothing is lost, and a node that does not stay up is started by hand', async ({
  computer,
  desktop,
}) => {
  test.setTimeout(2 * renderTimeoutMs + 180_000)
  const feed = await makeFeed(computer.folder('release'))
  const pinned = pinnedTo(feed.url, feed.key)
  const variants = { impatient: makeVariant('impatient', [...pinned, noDrain]), update: makeVariant('update', [...pinned, quickRest]) }
  const data = computer.folder('data')
  const launch = (version: string, { folder }: { folder: string } = variants.update) =>
    desktop({ data, onHost: true, outFolder: folder, environment: packaged(feed, version) })
  try {
    const app = await launch('0.9.0')
    const page = await app.page()
    await skipSetUp(page)
    await reachesItsNode(page)
    await page.getByRole('button', { name: 'Render the demo scene' }).first().click()
    await expect.poll(() => tooltip(app), { timeout: renderTimeoutMs }).toContain('Rendering')

    // The frame lasts as long as the test wants: Blender is held still.
    const frame = await waitFor('a frame', () => holdBlender(app.pid), renderTimeoutMs)
    await go(page, '#/settings')
    await page.getByTestId('update-check').click()
    const updates = page.getByTestId('updates')
    await expect(updates).toHaveAttribute('data-state', 'draining', { timeout: 60_000 })
    await expect(page.getByTestId('release-notes')).toContainText(releaseNotes)
    await expect.poll(() => tooltip(app)).toContain('Finishes its frame, then updates to 1.1.0')
    expect(existsSync(feed.started), 'not under a running task').toBe(false)
    expect(readFileSync(feed.installed, 'utf8'), 'nothing was replaced').toBe('version 1.0.0')
    for (const pid of frame) process.kill(pid, 'SIGCONT')
    expect(await app.exited).toBe(0)
    expect(app.output()).not.toContain('error box')
    expect(readFileSync(feed.installed, 'utf8'), 'the package was replaced').toContain('echo 1.1.0')
    await expect.poll(() => existsSync(feed.started), { timeout: 15_000 }).toBe(true)
    rmSync(feed.started)

    // A frame without end: Blender is held still, and the update waits no longer.
    const held = await launch('1.0.0', variants.impatient)
    const second = await held.page()
    await expect.poll(() => tooltip(held), { timeout: renderTimeoutMs }).toContain('Rendering')
    await waitFor('a render', () => holdBlender(held.pid), renderTimeoutMs)
    await go(second, '#/settings')
    await second.getByTestId('update-check').click()
    expect(await held.exited).toBe(0)
    await expect.poll(() => existsSync(feed.started), { timeout: 15_000 }).toBe(true)

    // The new version goes on where the old one was, by itself.
    const next = await launch('1.1.0')
    const again = await next.page()
    await expect.poll(() => tooltip(next), { timeout: 30_000 }).toContain('Work was cut short: a forced update')
    await go(again, '#/jobs')
    await expect(again.getByTestId('job-state').first()).toHaveAttribute('data-state', 'done', { timeout: renderTimeoutMs })
    await go(again, '#/settings')
    await expect(again.getByTestId('desktop-settings')).toBeVisible()
    await expect(again.getByTestId('updates')).toContainText('Version 1.1.0')

    await killNode(next)
    await killNode(next)
    await expect(again.getByTestId('node-gave-up')).toContainText('The worker does not stay up')
    expect((await next.tray()).menu.map(({ label }) => label)).toContain('Start the worker again')
    await again.getByTestId('start-node').click()
    await expect(again.getByTestId('node-gave-up')).toBeHidden({ timeout: 60_000 })
    await expect(again.getByTestId('sync-pill').first()).toHaveAttribute('data-state', 'live', { timeout: 60_000 })
  } finally {
    for (const variant of Object.values(variants)) variant.remove()
    feed.stop()
  }
})

/** Stops Blender below the process, until somebody lets it go on (SIGCONT). Null: none runs. */
function holdBlender(parent: number): number[] | null {
  const all = descendants(parent).filter((pid) => /(^|\/)blender\0/.test(commandLine(pid)))
  for (const pid of all) process.kill(pid, 'SIGSTOP')
  return all.length > 0 ? all : null
}

async function killNode(app: DesktopApp): Promise<void> {
  const pid = await waitFor('the node', async () => (await processesOf(app, 'runtime'))[0] ?? null)
  process.kill(pid, 'SIGKILL')
  await waitFor('its end', async () => !(await processesOf(app, 'runtime')).includes(pid))
}
