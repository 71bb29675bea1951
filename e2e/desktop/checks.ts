import { expect, type Page } from '@playwright/test'
import type { ShellState } from '../../shared/api/shellCalls.ts'
import type { DesktopApp } from './driver.ts'

/** Checks that the suite and the test of its teeth (mutations.spec.ts) share. */

export async function refusesForeignCalls(app: DesktopApp): Promise<void> {
  for (const name of ['shell.get', 'runtime.openPort', 'diagnostics.export'])
    expect(await app.callFromForeignWindow(name, name === 'runtime.openPort' ? { nonce: 'nonce-nonce' } : {}), name).toMatchObject({
      ok: false,
      error: { code: 'NOT_ALLOWED' },
    })
}

/** Whatever a page tries, the window stays, nothing is loaded from elsewhere, and only https goes to the system's browser. */
export async function staysOnItsPage(app: DesktopApp, page: Page): Promise<void> {
  const at = page.url()
  const leave = 'https://evil.example/leave'
  const others = [
    'http://evil.example/plain',
    'https://user:secret@evil.example/',
    'javascript:document.title="owned"',
    'data:text/html,owned',
    'file:///etc/passwd',
    'smb://evil.example/share',
  ]
  const outside = async () => (await app.seen()).openedOutside
  for (const address of [leave, ...others]) await page.evaluate((to) => void window.open(to), address)
  await expect.poll(outside, { message: 'a new window is opened in the browser of the system' }).toEqual([leave])
  const go = (address: string) => page.evaluate((to) => void (location.href = to), address).catch(() => undefined)
  await go(leave)
  await expect.poll(outside, { message: 'so is a link' }).toEqual([leave, leave])
  for (const address of others) await go(address)
  await expect.poll(() => app.windows()).toBe(1)
  expect(page.url()).toBe(at)
  expect(await page.title()).not.toBe('owned')
  expect(await outside()).toEqual([leave, leave])
  const blocked = await page.evaluate(() =>
    fetch('https://evil.example/steal').then(
      () => 'loaded',
      () => 'blocked',
    ),
  )
  expect(blocked).toBe('blocked')
}

/** The first window opens on the set-up of the computer: it is skipped, and not asked again. */
export async function skipSetUp(page: Page): Promise<void> {
  await page.getByTestId('welcome-skip').click({ timeout: 60_000 })
  await expect(page).not.toHaveURL(/welcome/)
  await expect(page.getByTestId('welcome-skip')).toBeHidden()
}

/**
 * The set-up as a person walks through it: checks, speed (measured with Blender, to its end), hours.
 * @returns how long it took, of which the measuring, in ms
 */
export async function walkThroughSetUp(page: Page): Promise<{ tookMs: number; measuringMs: number }> {
  const beganAt = performance.now()
  const setUp = page.getByTestId('welcome')
  await expect(setUp.getByTestId('checks')).toContainText('Blender', { timeout: 90_000 })
  await page.getByTestId('welcome-next').click()
  const speed = setUp.getByTestId('speed')
  const measuredFrom = performance.now()
  await page.getByTestId('measure').click()
  await expect(speed).toHaveAttribute('data-state', 'done', { timeout: 240_000 })
  await expect(speed.getByRole('listitem').first()).toContainText(/[1-9]/)
  const measuringMs = performance.now() - measuredFrom
  await page.getByTestId('welcome-next').click()
  await page.getByTestId('hours-always').check()
  await page.getByTestId('welcome-openAtLogin').click()
  await page.getByTestId('welcome-done').click()
  await reachesItsNode(page)
  return { tookMs: performance.now() - beganAt, measuringMs }
}

/** The page reaches its node over the message port. */
export async function reachesItsNode(page: Page): Promise<void> {
  await expect(page.getByRole('button', { name: 'Render the demo scene' }).first()).toBeVisible({ timeout: 60_000 })
}

/** The page gets a message port to its node. A node that is being started gets `timeoutMs` to answer. */
export async function opensPort(page: Page, timeoutMs = 120_000): Promise<void> {
  const open = () =>
    page.evaluate(() =>
      Promise.resolve()
        .then(() => (window as unknown as { pictor: { openRuntimePort(): Promise<MessagePort> } }).pictor.openRuntimePort())
        .then(
          (port) => {
            port.close()
            return true
          },
          () => false,
        ),
    )
  await expect.poll(open, { message: 'a port to the node', timeout: timeoutMs, intervals: [500] }).toBe(true)
}

/** What the shell says of itself, asked over the bridge of its page. */
export async function shellState(page: Page): Promise<ShellState> {
  const answer = await page.evaluate(() =>
    (window as unknown as { pictorShell: { call: (name: string, input: object) => Promise<unknown> } }).pictorShell.call('shell.get', {}),
  )
  expect(answer).toMatchObject({ ok: true })
  // Safe: the contract of the call (shared/api/shellCalls.ts).
  return (answer as { value: ShellState }).value
}

/** A release that somebody else signed is found, and refused with the reason. */
export async function refusesUnsignedUpdate(app: DesktopApp): Promise<void> {
  const page = await app.page()
  const call = (name: string, input: object) =>
    page.evaluate(
      ([what, given]) =>
        (window as unknown as { pictorShell: { call: (name: unknown, input: unknown) => Promise<unknown> } }).pictorShell.call(what, given),
      [name, input] as const,
    )
  await call('settings.change', { autoUpdate: false })
  await call('updates.check', {})
  expect((await shellState(page)).update).toMatchObject({ name: 'idle', problem: { code: 'UPDATE_SIGNATURE_WRONG' } })
}
