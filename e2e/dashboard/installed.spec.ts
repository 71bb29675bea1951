import type { Browser, Page } from '@playwright/test'
import { serverClient } from '../../desktop/launch/serverClient.ts'
import { runCli } from '../support/cli.ts'
import type { Computer } from '../support/computer.ts'
import { openLine } from '../support/line.ts'
import { expect, test } from '../support/test.ts'
import type { Started } from '../support/started.ts'
import { waitFor } from '../support/waitFor.ts'

const password = 'a password of eight or more'

/** A server with a small farm on it. */
async function seededServer(computer: Computer): Promise<{ server: Started; data: string; url: string }> {
  const data = computer.folder('server')
  const args = ['seed', '--data', data, '--workers', '14', '--tasks', '150', '--owner', 'Ada', '--json']
  const seeded = await runCli(args, { env: { PICTOR_PASSWORD: password } })
  expect(seeded.code, seeded.stderr).toBe(0)
  const server = await computer.startServer(data)
  return { server, data, url: server.instance().gatewayUrl ?? '' }
}

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/#/workers`)
  await page.getByTestId('sign-in-name').fill('Ada')
  await page.getByTestId('sign-in-password').fill(password)
  await page.getByTestId('sign-in-go').click()
  await expect(page.getByTestId('table-row').first()).toBeVisible()
}

test('the dashboard of a server is an app: it keeps its files and its data, and opens with both while the server is away', async ({
  computer,
  page,
}) => {
  const { server, data, url } = await seededServer(computer)
  const line = await openLine(() => url)
  await signIn(page, line.url)
  await expect(page.getByTestId('table-row')).toHaveCount(14)
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => null))
  const manifest = await page.locator('link[rel=manifest]').getAttribute('href')
  const { icons, display } = (await (await page.request.get(`${line.url}/${manifest ?? ''}`)).json()) as {
    icons: { src: string }[]
    display: string
  }
  expect(display).toBe('standalone')
  for (const { src } of icons) expect((await page.request.get(`${line.url}/${src}`)).headers()['content-type']).toBe('image/png')

  // Data is in IndexedDB; of what the server answers the caches hold nothing.
  const kept = await page.evaluate(async () => {
    const names = await caches.keys()
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()))
    const databases = await indexedDB.databases()
    return { paths: requests.flat().map((request) => new URL(request.url).pathname), databases: databases.map(({ name }) => name ?? '') }
  })
  expect(kept.databases.some((name) => name.includes('workers'))).toBe(true)
  expect(kept.paths).toContain('/index.html')
  expect(kept.paths.filter((path) => /^\/(api|sync|files)/.test(path))).toEqual([])

  // A newer dashboard on the server is offered, not forced on anybody, and is here when it is asked for.
  await page.reload()
  await expect(page.getByTestId('table-row')).toHaveCount(14)
  line.append((path) => (path.endsWith('/service-worker.js') ? '\n// a newer one' : ''))
  await page.evaluate(() => Object.assign(window, { before: true }))
  await page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()))
  const offer = page.getByTestId('toast-action')
  await expect(offer).toHaveText('Reload', { timeout: 60_000 })
  expect(await page.evaluate(() => 'before' in window), 'nobody was thrown out').toBe(true)
  await offer.click()
  await page.waitForFunction(() => !('before' in window))
  await expect(page.getByTestId('table-row')).toHaveCount(14)

  // What the browser keeps is deleted under the open page: the change is made all the same, and everything is kept anew.
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Storage.clearDataForOrigin', { origin: line.url, storageTypes: 'indexeddb' })
  const row = page.getByTestId('table-row').filter({ hasText: /Attic|Loft/ })
  await rename(page, row, 'Attic, after all was deleted')
  await expect(page.getByTestId('table-row')).toHaveCount(14)

  // A proxy that lets no WebSocket through: the page goes on over plain HTTP.
  const pill = page.getByTestId('sync-pill')
  const { token } = await serverClient(url).signInByPassword('Ada', password)
  line.decide((path) => (path.startsWith('/sync/live') ? 'cut' : 'pass'))
  line.cut()
  await expect(pill).toHaveAttribute('data-state', 'offline')
  await rename(page, row, 'Attic, over HTTP')
  await waitFor('the change without a WebSocket', async () =>
    (await serverClient(url, token ?? '').documents('workers')).some(({ name }) => name === 'Attic, over HTTP'),
  )
  await expect(pill).toHaveAttribute('data-state', 'live', { timeout: 60_000 })
  expect(line.disturbed()).toBeGreaterThan(1)
  line.decide(() => 'pass')

  await server.stop()
  await expect(pill).toHaveAttribute('data-state', 'offline')
  await page.reload()
  await expect(page.getByTestId('table-row')).toHaveCount(14)
  await expect(pill).toHaveAttribute('data-state', 'offline')
  await expect(pill).toContainText(/offline since/i)
  await page.goto(`${line.url}/#/earnings`)
  await expect(page.getByTestId('entry').or(page.getByTestId('table-row')).first()).toBeVisible()

  await computer.startServer(data, ['--port', new URL(url).port])
  await expect(pill).toHaveAttribute('data-state', 'live', { timeout: 60_000 })
  await line.close()
})

test('two browsers change the same worker while the server is away, and agree when it is back', async ({ computer, page, browser }) => {
  const { server, data, url } = await seededServer(computer)
  const other = await openOther(browser)
  for (const one of [page, other]) {
    await signIn(one, url)
    await expect(one.getByTestId('sync-pill')).toHaveAttribute('data-state', 'live')
  }
  await server.stop()
  for (const one of [page, other]) await expect(one.getByTestId('sync-pill')).toHaveAttribute('data-state', 'offline')
  const row = (one: Page) => one.getByTestId('table-row').filter({ hasText: /Attic|Loft/ })
  // One field each, and one that both change: the later one stands.
  await rename(page, row(page), 'Attic, first name')
  await rename(other, row(other), 'Loft <i>rack</i>')
  await row(page).getByTestId('select-row').check()
  await page.getByTestId('bulk-tag').click()
  await page.getByTestId('prompt-field').fill('cellar')
  await page.getByTestId('prompt-apply').click()
  await computer.startServer(data, ['--port', new URL(url).port])
  for (const one of [page, other]) {
    await expect(row(one)).toContainText('Loft <i>rack</i>', { timeout: 60_000 })
    await expect(row(one)).toContainText('cellar', { timeout: 60_000 })
  }
  await waitFor('the server to have both changes', async () => {
    const { token } = await serverClient(url).signInByPassword('Ada', password)
    const workers = await serverClient(url, token ?? '').documents('workers')
    return workers.some(({ name, tags }) => name === 'Loft <i>rack</i>' && tags.includes('cellar'))
  })
  await other.context().close()
})

const openOther = async (browser: Browser): Promise<Page> => (await browser.newContext()).newPage()

async function rename(page: Page, row: ReturnType<Page['getByTestId']>, name: string): Promise<void> {
  await row.getByTestId('row-menu').click()
  await page.getByRole('menuitem', { name: 'Rename' }).click()
  await page.getByTestId('prompt-field').fill(name)
  await page.getByTestId('prompt-apply').click()
  await expect(row).toContainText(name)
}
