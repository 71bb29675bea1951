import { serverClient } from '../../desktop/launch/serverClient.ts'
import { runCli } from '../support/cli.ts'
import { expect, test } from '../support/test.ts'
import { focusOn } from './keyboard.ts'
import { visit } from './pages.ts'

test('the server’s own page lets an owner in by password, with the keyboard alone, and remembers it in a second tab', async ({
  browser,
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
  const complaints: string[] = []
  page.on('console', (message) => message.type() === 'error' && complaints.push(`${message.text()} ${message.location().url}`))
  await page.goto(url)
  await expect(page.getByTestId('sign-in')).toBeVisible()
  expect(complaints).toEqual([])

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

  // Signed in elsewhere too: seen here, and ended by a new password, which the old one must be given for.
  const elsewhere = async (secret: string) =>
    serverClient(url).withToken((await serverClient(url).signInByPassword('Ada', secret)).token ?? '')
  const abroad = await elsewhere(password)
  await second.close()

  // A browser that does not get the part that holds the data says so; loaded again, it has all.
  const other = await browser.newContext({ storageState: await context.storageState(), serviceWorkers: 'block' })
  const broken = await other.newPage()
  await broken.route('**/data.worker-*.js', (route) => route.abort())
  await broken.goto(url)
  await expect(broken.getByTestId('page-problem')).toContainText('data worker')
  await broken.unrouteAll()
  await broken.getByTestId('page-problem').getByRole('button').click()
  await expect(broken.getByTestId('sync-pill')).toHaveAttribute('data-state', 'live')
  // So does one whose browser ends it later, for want of memory.
  await broken.workers()[0]?.evaluate(() => close())
  await expect(broken.getByTestId('page-problem')).toContainText('ended the data worker')
  await broken.getByTestId('page-problem').getByRole('button').click()
  await expect(broken.getByTestId('sync-pill')).toHaveAttribute('data-state', 'live')
  await other.close()

  await visit(page, '/account')
  await expect(page.getByTestId('session')).toHaveCount(2)
  const changed = 'another battery, another staple'
  await page.getByTestId('password').click()
  for (const [current, outcome] of [
    ['not the password', 'refused'],
    [password, 'taken'],
  ] as const) {
    await page.getByTestId('password-current').fill(current)
    await page.getByTestId('password-next').fill(changed)
    await page.getByTestId('password-save').click()
    if (outcome === 'refused') await expect(page.getByTestId('error-note')).toHaveAttribute('data-code', 'WRONG_PASSWORD')
  }
  await expect(page.getByTestId('toasts')).toContainText('1')
  await expect(page.getByTestId('session')).toHaveCount(1)
  await expect(abroad.session()).rejects.toMatchObject({ error: { code: 'NOT_SIGNED_IN' } })
  await expect(elsewhere(password)).rejects.toMatchObject({ error: { code: 'WRONG_PASSWORD' } })

  // One that was signed in later is ended by its own button.
  const later = await elsewhere(changed)
  await page.reload()
  await expect(page.getByTestId('session')).toHaveCount(2)
  await page.getByTestId('end-session').click()
  await expect(page.getByTestId('session')).toHaveCount(1)
  await expect(later.session()).rejects.toMatchObject({ error: { code: 'NOT_SIGNED_IN' } })

  // Ended from elsewhere itself, the page keeps what it shows, says that it is not let in, and leads to the way in.
  await visit(page, '/workers')
  await expect(page.getByTestId('table-row')).toContainText('<b>Rack</b>')
  await (await elsewhere(changed)).call('account.endOthers', {})
  const pill = page.getByTestId('sync-pill')
  await expect(pill).toHaveAttribute('data-state', 'refused')
  await expect(page.getByTestId('table-row')).toContainText('<b>Rack</b>')
  await pill.click()
  await page.getByTestId('sign-in-again').click()
  await signIn(changed)
  await expect(page.getByTestId('table-row')).toContainText('<b>Rack</b>')
  await expect(pill).toHaveAttribute('data-state', 'live')
})
