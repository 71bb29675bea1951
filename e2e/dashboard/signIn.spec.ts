import { runCli } from '../support/cli.ts'
import { expect, test } from '../support/test.ts'
import { focusOn } from './keyboard.ts'

test('the server’s own page lets an owner in by password, with the keyboard alone, and remembers it in a second tab', async ({
  computer,
  page,
  context,
}) => {
  const data = computer.folder('server')
  const server = await computer.startServer(data)
  const password = 'correct horse battery staple'
  const added = await runCli(['server', 'owner', 'add', 'Ada', '--data', data, '--json'], { env: { PICTOR_PASSWORD: password } })
  expect(added.code, added.stderr).toBe(0)
  const url = server.instance().gatewayUrl ?? ''
  await page.goto(url)
  await expect(page.getByTestId('sign-in')).toBeVisible()

  const signIn = async (secret: string) => {
    await focusOn(page, page.getByTestId('sign-in-name'))
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('Ada')
    await page.keyboard.press('Tab')
    await page.keyboard.type(secret)
    await page.keyboard.press('Enter')
  }
  await signIn('not the password')
  await expect(page.getByTestId('error-note')).toHaveAttribute('data-code', 'WRONG_PASSWORD')
  await signIn(password)
  await expect(page.getByTestId('nav-rail').getByTestId('account-menu')).toContainText('Ada')
  await expect(page.getByTestId('sync-pill')).toHaveAttribute('data-state', 'live')

  const second = await context.newPage()
  await second.goto(`${url}/#/workers`)
  await expect(second.getByTestId('sync-pill')).toHaveAttribute('data-state', 'live')
  await second.getByTestId('new-worker').click()
  await second.getByTestId('worker-name').fill('<b>Rack</b>')
  await second.getByTestId('worker-create').click()
  await expect(second.getByTestId('worker-command')).toBeVisible()

  // The first tab learns of it without a reload; the name is text.
  await focusOn(page, page.getByTestId('nav-rail').getByTestId('nav-workers'))
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('table-row')).toContainText('<b>Rack</b>')
})
