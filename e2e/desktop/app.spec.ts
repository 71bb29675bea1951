import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { isAlive } from '../../desktop/launch/isAlive.ts'
import { descendants } from '../../desktop/launch/processTree.ts'
import { startFarm } from '../support/farm.ts'
import { runCli } from '../support/cli.ts'
import { waitFor } from '../support/waitFor.ts'
import { opensPort, reachesItsNode, skipSetUp, walkThroughSetUp } from './checks.ts'
import { expect, test } from './desktop.ts'
import type { DesktopApp } from './driver.ts'
import { dropFile } from './dropFile.ts'
import { processesOf } from './processes.ts'

const root = new URL('../..', import.meta.url).pathname
const renderTimeoutMs = 240_000
const loadedPictures = (page: Page): Promise<number> =>
  page
    .locator('main img')
    .evaluateAll((images) => images.filter((image) => image instanceof HTMLImageElement && image.naturalWidth > 0).length)
const tooltip = async (app: DesktopApp) => (await app.tray()).toolTip

test('first run: set up, the demo renders, sleep is noted and heals, work goes on behind the tray, and a quit asks first', async ({
  computer,
  desktop,
}) => {
  test.setTimeout(2 * renderTimeoutMs + 240_000)
  const data = computer.folder('data')
  const app = await desktop({ data })
  const page = await app.page()
  await walkThroughSetUp(page)
  expect(await app.loginItem()).toMatchObject({ openAtLogin: true, args: expect.arrayContaining(['--hidden']) })
  for (const [name, secret] of secretsIn(data))
    expect(secret, `${name} is locked by the keychain`).not.toMatch(/PRIVATE KEY|"ownerToken": "(?!keychain:)/)

  await page.getByRole('button', { name: 'Render the demo scene' }).first().click()
  await expect.poll(() => tooltip(app), { timeout: renderTimeoutMs }).toContain('Rendering')
  expect((await app.seen()).awake).toBe(1)
  // Only if the person allows it.
  const keepAwake = () => app.choose('Settings', 'Keep the computer awake while rendering')
  await keepAwake()
  expect((await app.seen()).awake).toBe(0)
  await keepAwake()
  expect((await app.seen()).awake).toBe(1)
  await app.power('suspend')
  await app.power('resume')
  await expect.poll(() => tooltip(app), { timeout: 30_000 }).toContain('Work was cut short: the computer slept')
  // The first picture comes over the app's own scheme from the node.
  await page.evaluate(() => (location.hash = '#/jobs'))
  await page.getByRole('link', { name: /Demo/ }).first().click()
  await waitFor('a picture', async () => (await loadedPictures(page)) >= 1, renderTimeoutMs)
  const route = new URL(page.url()).hash

  const place = { x: 120, y: 80, width: 1_000, height: 700 }
  await app.moveWindow(place)
  await app.closeWindow()
  await expect.poll(() => app.windows()).toBe(0)
  expect(await processesOf(app, 'runtime'), 'the node goes on').toHaveLength(1)
  await app.trayClick()
  const again = await app.page()
  await waitFor('the pictures', async () => (await loadedPictures(again)) >= 1)
  expect(new URL(again.url()).hash, 'the window keeps its page').toBe(route)
  expect(await app.windowBounds(), 'and its place').toEqual(place)
  await expect.poll(() => tooltip(app), { timeout: 90_000 }).toMatch(/Rendering|Ready/)

  await dropFile(again, join(root, 'build/demo/demo.blend'))
  // The scene is uploaded and read by Blender first.
  await again.getByTestId('submit-frames').fill('1-40', { timeout: 120_000 })
  await again.getByTestId('submit-go').click()
  await expect.poll(() => tooltip(app), { timeout: renderTimeoutMs }).toContain('Rendering')
  // With what they started; on Windows the app's own, which is what Electron tells.
  const below = process.platform === 'win32' ? (await app.processes()).map(({ pid }) => pid) : descendants(app.pid)
  const everyone = [app.pid, ...below]
  await app.quit()
  await app.answer('Stay')
  expect(await processesOf(app, 'runtime')).toHaveLength(1)
  await app.quit()
  await app.answer('Finish the frame, then quit')
  expect(await app.exited).toBe(0)
  await expect.poll(() => everyone.filter(isAlive)).toEqual([])

  // The pause that this was ends with the next start; who does not want to wait for the frame need not.
  const next = await desktop({ data, args: ['--hidden'] })
  await expect.poll(() => tooltip(next), { timeout: renderTimeoutMs }).toContain('Rendering')
  expect(await next.windows(), 'as at log-in').toBe(0)
  await next.quit()
  await next.answer('Quit now')
  expect(await next.exited).toBe(0)
})

test('a node or a gateway that dies comes back by itself, and the person is told, in their language', async ({ computer, desktop }) => {
  const data = computer.folder('data')
  const app = await desktop({ data })
  const page = await app.page()
  const pill = page.getByTestId('sync-pill').first()
  await skipSetUp(page)
  await reachesItsNode(page)
  await expect.poll(() => tooltip(app), { timeout: 60_000 }).not.toContain('Starting')
  const [runtime] = await processesOf(app, 'runtime')
  process.kill(runtime ?? 0, 'SIGKILL')
  await expect.poll(async () => (await app.seen()).notifications[0]?.body, { timeout: 30_000 }).toContain('The worker stopped by itself')
  const next = await waitFor('another node', async () => (await processesOf(app, 'runtime')).find((pid) => pid !== runtime) ?? null)
  expect(next).not.toBe(runtime)
  // The same page, over a new port.
  await opensPort(page)
  await expect.poll(() => tooltip(app), { timeout: 60_000 }).not.toContain('Cannot reach')

  await expect(pill).toHaveAttribute('data-state', 'live', { timeout: 60_000 })
  // Each time it stays away longer, until the page has to say so.
  await expect(async () => {
    for (const gateway of await processesOf(app, 'gateway')) process.kill(gateway, 'SIGKILL')
    await expect(pill).toHaveAttribute('data-state', 'offline', { timeout: 3_000 })
  }).toPass({ timeout: 60_000 })
  await expect(pill).toHaveAttribute('data-state', 'live', { timeout: 60_000 })

  await expect.poll(() => tooltip(app), { timeout: 60_000 }).toContain('Ready')
  await app.choose('Pause', 'For one hour')
  await expect.poll(() => tooltip(app)).toContain('Held back: paused on this computer until')
  await app.choose('Go on working')
  await expect.poll(() => tooltip(app)).toContain('Ready')

  const diagnostics = computer.folder('diagnostics.txt')
  await app.choose('Export diagnostics…')
  await app.answer([diagnostics])
  await app.answer('OK')
  const exported = readFileSync(diagnostics, 'utf8')
  for (const log of ['app', 'runtime', 'gateway', 'store']) expect(exported).toContain(`=== ${log}.log`)
  expect(exported).not.toContain(readFileSync(join(data, 'gateway/operator.token'), 'utf8').trim())

  await page.evaluate(() => (location.hash = '#/settings'))
  await page.getByTestId('language').selectOption('es')
  await expect.poll(async () => (await app.tray()).menu.map(({ label }) => label)).toContain('Abrir el panel')
  await app.power('on-battery')
  await app.choose('Ajustes', 'Avisarme de los problemas')
  await expect(page.getByTestId('notifyProblems')).toHaveAttribute('aria-checked', 'false')
})

test('one instance; a config by link, double click, second start, button and drop is confirmed with server and owner', async ({
  computer,
  desktop,
}) => {
  test.setTimeout(240_000)
  const farm = await startFarm(computer, { withWorker: false })
  const config = computer.folder('attic.pictor.json')
  expect((await runCli(['worker', 'create', 'Attic', '--out', config, '--data', farm.serverData, '--json'])).code).toBe(0)
  const link = `pictor://config#${readFileSync(config).toString('base64url')}`

  // Also: a system without a keychain, where the person takes files.
  const app = await desktop({ data: computer.folder('data'), args: ['--hidden'], withoutKeychain: true })
  await app.answer('Keep them in files')
  await app.tray()
  expect(await app.windows(), 'started hidden').toBe(0)
  const confirmation = async () => {
    const [dialog] = await waitFor('the question', async () => {
      const open = await app.dialogs()
      return open.length > 0 ? open : null
    })
    expect(dialog?.message).toContain(farm.url)
    expect(dialog?.message).toContain('Ada')
    expect(dialog?.detail).toContain('Attic')
  }
  await app.openUrl(link)
  await confirmation()
  await app.answer('Cancel')
  expect(await app.windows()).toBe(1)

  expect(await app.startAgain([config]), 'a second start ends').toBe(0)
  await confirmation()
  await app.answer('Cancel')
  expect(await app.windows(), 'and shows the first one').toBe(1)

  const broken = join(computer.folder('.'), 'broken.pictor.json')
  writeFileSync(broken, '{"format":"something else"}')
  await app.openFile(broken)
  await expect.poll(async () => (await app.dialogs())[0]?.message).toContain('could not be imported')
  await app.answer('OK')
  const page = await app.page()
  await skipSetUp(page)
  await dropFile(page, config)
  const dialog = page.getByTestId('dialog')
  await expect(dialog).toContainText(farm.url, { timeout: 30_000 })
  await expect(dialog).toContainText('Ada')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  expect(await farm.owner().documents('nodes'), 'asking is not joining').toEqual([])

  await app.choose('Import a worker config…')
  await app.answer([config])
  await confirmation()
  await app.answer('Join')
  await expect.poll(async () => (await farm.owner().documents('nodes')).length, { timeout: 60_000 }).toBe(1)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible({ timeout: 60_000 })
})

/** The files of the data folder that hold a secret, as text. */
const secretsIn = (data: string): [string, string][] =>
  globSync('{household.json,runtime/worlds/*/node.key}', { cwd: data }).map((name) => [name, readFileSync(join(data, name), 'utf8')])
