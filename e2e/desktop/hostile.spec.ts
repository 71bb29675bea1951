import { expect, test } from './desktop.ts'
import { refusesForeignCalls, skipSetUp, staysOnItsPage } from './checks.ts'

test('hostile links, pages and calls reach nothing', async ({ computer, desktop }) => {
  const app = await desktop({ data: computer.folder('data') })
  const page = await app.page()
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible({ timeout: 60_000 })
  await expect(page.getByTestId('welcome-skip')).toBeVisible({ timeout: 60_000 })
  await skipSetUp(page)
  await staysOnItsPage(app, page)
  await refusesForeignCalls(app)

  // The page itself may call what the contract has, in the shape it has, and nothing of Electron or Node is in its world.
  const call = (name: unknown, input: unknown) =>
    page.evaluate(
      ([what, given]) =>
        (window as unknown as { pictorShell: { call: (name: unknown, input: unknown) => Promise<unknown> } }).pictorShell
          .call(what, given)
          .catch((error: unknown) => String(error)),
      [name, input],
    )
  expect(await call('shell.get', {})).toMatchObject({ ok: true })
  for (const [name, input] of [
    ['settings.change', { openAtLogin: 'yes' }],
    ['settings.change', { anything: true }],
    ['diagnostics.export', { path: '/etc/passwd' }],
    ['runtime.openPort', { nonce: '' }],
    ['shell.get', []],
    ['updates.check', null],
  ] as const)
    expect(await call(name, input), name).toMatchObject({ ok: false, error: { code: 'REQUEST_INVALID' } })
  for (const name of ['__proto__', 'toString', 'shell', '', 7]) expect(await call(name, {}), String(name)).toContain('no such call')
  expect(await page.evaluate(() => ['require', 'process', 'ipcRenderer', 'electron'].filter((name) => name in window))).toEqual([])
  for (const name of ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal'])
    expect(await app.permission(name), name).toEqual([false, false])

  // Files beside the dashboard, in the scheme's own spelling of paths.
  const statuses = await page.evaluate(async () => {
    const paths = [
      '/..%2f..%2fpackage.json',
      '/%2e%2e/%2e%2e/package.json',
      '/assets/..%5c..%5cmain.js',
      '/%00',
      '/c:/windows/win.ini',
      '/x.map%',
    ]
    return Promise.all(paths.map(async (path) => (await fetch(path)).status))
  })
  expect(statuses).toEqual([404, 404, 404, 404, 404, 404])
  expect((await app.seen()).outsideRequests.filter((address) => !address.startsWith('https://evil.example/'))).toEqual([])
})
