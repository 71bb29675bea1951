import type { Page } from '@playwright/test'
import { durations } from '#shared/durations.ts'
import { makeJob } from '../support/makeJob.ts'
import { openPage } from '../support/openPage.ts'
import { openStores, type Stores } from '../support/stores.ts'
import type { Started } from '../support/started.ts'
import { expect, test as base } from '../support/test.ts'
import { waitFor } from '../support/waitFor.ts'
import { watchPage } from '../support/watchedPage.ts'

/** An open page of this computer with one job on it, which came live. */
const test = base.extend<{ up: Started; stores: Stores; jobsPage: Page }>({
  up: async ({ computer }, use) => use(await computer.startUp(computer.folder('data'))),
  stores: async ({ up }, use) => use(openStores(up.data)),
  jobsPage: async ({ up, stores, page }, use) => {
    await openPage(page, up, '/jobs')
    await submit(stores, up, 'First job')
    await expect(jobNamed(page, 'First job')).toBeVisible()
    await use(page)
  },
})

test('the runtime is killed under an open page, while something changes: the page shows it by itself', async ({ up, stores, jobsPage }) => {
  const watched = await watchPage(jobsPage)
  const pill = jobsPage.getByTestId('sync-pill')
  const killed = await up.kill('runtime')
  await submit(stores, up, 'While it was down')
  await expect(pill).toHaveAttribute('data-state', 'noRuntime')
  // What the page knows stays on it.
  await expect(jobNamed(jobsPage, 'First job')).toBeVisible()
  await expect(jobsPage.getByTestId('skeleton')).toHaveCount(0)
  await up.waitForRole('runtime', killed)
  await expect(jobNamed(jobsPage, 'While it was down')).toBeVisible({ timeout: durations.reconnectMaxMs })
  await expect(pill).toHaveAttribute('data-state', 'live', { timeout: durations.reconnectMaxMs })
  // And live again, not once only.
  await submit(stores, up, 'After it')
  await expect(jobNamed(jobsPage, 'After it')).toBeVisible()
  await watched.expectUntouched()
  expect((await stores.documents('jobs')).map(({ name }) => name).sort()).toEqual(['After it', 'First job', 'While it was down'])
})

test('the page is loaded again while the gateway is away: it has everything, says offline, and goes on', async ({
  up,
  stores,
  jobsPage,
}) => {
  const pill = jobsPage.getByTestId('sync-pill')
  // Whoever would start the gateway again is halted for a while.
  process.kill(up.pid, 'SIGSTOP')
  const killed = await up.kill('gateway')
  await expect(pill).toHaveAttribute('data-state', 'offline')
  await jobsPage.reload()
  await expect(jobNamed(jobsPage, 'First job')).toBeVisible()
  await expect(pill).toHaveAttribute('data-state', 'offline')
  await expect(jobsPage.getByTestId('skeleton')).toHaveCount(0)
  const watched = await watchPage(jobsPage)
  process.kill(up.pid, 'SIGCONT')
  await up.waitForRole('gateway', killed)
  await waitFor('the gateway', () => submit(stores, up, 'When it was back').then(() => true))
  await expect(jobNamed(jobsPage, 'When it was back').first()).toBeVisible({ timeout: durations.reconnectMaxMs })
  await expect(pill).toHaveAttribute('data-state', 'live', { timeout: durations.reconnectMaxMs })
  await watched.expectUntouched()
})

test('the line is half open: the page notices that nobody answers, and recovers with nothing stale', async ({ up, stores, jobsPage }) => {
  const watched = await watchPage(jobsPage)
  const pill = jobsPage.getByTestId('sync-pill')
  const runtime = await up.waitForRole('runtime')
  // Halted, not ended: its connections stay open, and nothing comes through them.
  process.kill(runtime, 'SIGSTOP')
  await submit(stores, up, 'Behind its back')
  await expect(pill).toHaveAttribute('data-state', 'noRuntime', { timeout: 2 * (durations.pingIntervalMs + durations.pongTimeoutMs) })
  await expect(jobNamed(jobsPage, 'First job')).toBeVisible()
  process.kill(runtime, 'SIGCONT')
  await expect(jobNamed(jobsPage, 'Behind its back')).toBeVisible({ timeout: 2 * durations.reconnectMaxMs })
  await expect(pill).toHaveAttribute('data-state', 'live', { timeout: 2 * durations.reconnectMaxMs })
  await watched.expectUntouched()
})

async function submit(stores: Stores, up: Started, name: string): Promise<void> {
  await stores.owner().call('jobs.submit', { job: makeJob(up.instance().ownerId ?? '', { name }) })
}

const jobNamed = (page: Page, name: string) => page.getByRole('link', { name, exact: true })
