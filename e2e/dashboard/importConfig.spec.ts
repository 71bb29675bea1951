import { readFileSync, writeFileSync } from 'node:fs'
import { startFarm } from '../support/farm.ts'
import { runCli } from '../support/cli.ts'
import { expect, test } from '../support/test.ts'
import { visit } from './pages.ts'

test('a config file is looked at before it is joined, and a wrong one says why', async ({ computer, page }) => {
  const farm = await startFarm(computer, { withWorker: false })
  const config = computer.folder('mine.pictor.json')
  expect((await runCli(['worker', 'create', 'Attic', '--out', config, '--data', farm.serverData, '--json'])).code).toBe(0)
  const up = await computer.startUp(computer.folder('home'))
  await page.goto(await up.link())
  await visit(page, '/computer')
  const dialog = page.getByTestId('dialog')

  const broken = computer.folder('broken.json')
  writeFileSync(broken, '{"format":"something else"}')
  await page.getByTestId('config-file').setInputFiles(broken)
  await expect(dialog.getByTestId('error-note')).toHaveAttribute('data-code', 'CONFIG_MALFORMED')

  const old = computer.folder('old.json')
  writeFileSync(old, JSON.stringify({ ...(JSON.parse(readFileSync(config, 'utf8')) as object), expiresAt: Date.now() - 60_000 }))
  await page.getByTestId('config-file').setInputFiles(old)
  await expect(dialog.getByTestId('error-note')).toHaveAttribute('data-code', 'CONFIG_EXPIRED')

  await page.getByTestId('config-file').setInputFiles(config)
  await expect(dialog).toContainText(`Join ${farm.url}`)
  await expect(dialog).toContainText('Attic')
  await expect(dialog).toContainText('Ada')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(dialog).toHaveCount(0)
  expect(await farm.owner().documents('nodes'), 'looking is not joining').toEqual([])
})
