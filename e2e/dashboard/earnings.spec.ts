import { readFileSync } from 'node:fs'
import type { Earning } from '#shared/collections/earning.schema.ts'
import { formatMicro } from '#shared/money.ts'
import { dashboardWindows } from '#shared/sync/windows.ts'
import { serverClient } from '../../desktop/launch/serverClient.ts'
import { runCli } from '../support/cli.ts'
import { openStores } from '../support/stores.ts'
import { expect, test } from '../support/test.ts'
import { overhang, visit } from './pages.ts'
import { submitScene } from './submitScene.ts'

const hostile = '<img src=x onerror="window.struck=1">, "Q"'

test('the exported ledger equals the stored one; hostile names stay text; every page fits a phone', async ({ computer, page, context }) => {
  const data = computer.folder('data')
  const up = await computer.startUp(data)
  const stores = openStores(data)
  await page.goto(await up.link())
  const jobId = await submitScene(data, { scene: {}, frames: '1-4', chunk: 2, name: hostile })
  await stores.jobEnd(jobId)
  await visit(page, '/earnings')
  await expect(page.getByTestId('table-row')).toHaveCount(2)
  await expect(page.getByTestId('table-row').first()).toContainText(hostile)
  await expect(page.getByTestId('page-line')).toContainText('Nothing from the network yet.')

  const downloading = page.waitForEvent('download')
  await page.getByTestId('export-csv').click()
  const [head, ...lines] = readFileSync(await (await downloading).path(), 'utf8')
    .trimEnd()
    .split('\r\n')
  const ledger = (await stores.ledgerOf(jobId)).sort((a, b) => b.createdAt - a.createdAt)
  const amounts = ['gross_pictor', 'fee_pictor', 'net_pictor'].map((name) => head?.split(',').indexOf(name) ?? -1)
  const rows = lines.map(cells)
  expect(rows.map((row) => row[2]).sort()).toEqual(ledger.map(({ id }) => id).sort())
  for (const entry of ledger) {
    const row = rows.find((candidate) => candidate[2] === entry.id)
    expect(amounts.map((at) => Math.round(Number(row?.[at]) * 1_000_000))).toEqual([entry.grossMicro, entry.feeMicro, entry.netMicro])
    expect(row?.[head?.split(',').indexOf('job') ?? -1]).toBe(hostile)
  }

  // The overview tells somebody who rendered only for themselves where that is counted.
  await visit(page, '/')
  await expect(page.getByTestId('earned-note')).toHaveText('From others’ jobs. Your own earn no money.')
  await expect(page.getByTestId('figure-self')).not.toContainText(/^0 /)
  await page.getByRole('radio', { name: 'Earnings' }).click()
  await expect(page.getByTestId('chart-legend')).toContainText('For yourself')

  // A second page beside the first sees the same.
  const second = await context.newPage()
  await second.goto(`${up.instance().pageUrl}/#/jobs`)
  await expect(second.getByTestId('table-row')).toContainText(hostile)
  await second.close()

  await page.setViewportSize({ width: 360, height: 740 })
  for (const path of [
    '/',
    '/workers',
    `/workers/${up.instance().nodeId}`,
    '/jobs',
    `/jobs/${jobId}`,
    '/earnings',
    '/computer',
    '/notices',
  ]) {
    await visit(page, path)
    expect(await overhang(page), `${path} is not wider than a phone`).toBe(0)
  }
  expect(await page.evaluate(() => 'struck' in window), 'no name ever became markup').toBe(false)
})

test('a ledger larger than the page holds: totals, groups and the exported file count all of it, and older entries come when they are asked for', async ({
  computer,
  page,
}) => {
  const data = computer.folder('server')
  const password = 'a password of eight or more'
  const args = ['seed', '--data', data, '--workers', '20', '--tasks', '4200', '--days', '9', '--owner', 'Ada', '--json']
  const seeded = await runCli(args, { env: { PICTOR_PASSWORD: password } })
  expect(seeded.code, seeded.stderr).toBe(0)
  const server = await computer.startServer(data)
  const url = server.instance().gatewayUrl ?? ''
  await page.goto(`${url}/#/earnings`)
  await page.getByTestId('sign-in-name').fill('Ada')
  await page.getByTestId('sign-in-password').fill(password)
  await page.getByTestId('sign-in-go').click()
  await expect(page.getByTestId('sync-pill')).toHaveAttribute('data-state', 'live')

  const { token } = await serverClient(url).signInByPassword('Ada', password)
  const ledger: Earning[] = await serverClient(url, token ?? '').documents('earnings')
  const held = dashboardWindows.earnings?.newest ?? 0
  expect(ledger.length).toBeGreaterThan(held)
  const count = (entries: readonly Earning[]): string => entries.length.toLocaleString('en')
  await expect(page.getByTestId('ledger-totals')).toContainText(`Total of ${count(ledger)} entries`)
  // Were fewer here, the page would ask for older ones by itself.
  await expect(page.getByRole('table')).toHaveAttribute('aria-rowcount', String(held + 1))

  // Of a worker more are there than the newest entries have.
  const [{ nodeId } = { nodeId: '' }] = ledger
  const mine = ledger.filter((entry) => entry.nodeId === nodeId)
  await page.getByTestId('ledger-worker').focus()
  await page.getByTestId('ledger-worker').selectOption(nodeId)
  await expect(page.getByTestId('ledger-totals')).toContainText(`Total of ${count(mine)} entries`)
  await page.getByTestId('load-older').click()
  await expect(page.getByRole('table')).toHaveAttribute('aria-rowcount', String(mine.length + 1))

  const saved = async (button: string) => {
    const downloading = page.waitForEvent('download')
    await page.getByTestId(button).click()
    return readFileSync(await (await downloading).path(), 'utf8')
  }
  const idsOf = (entries: readonly { id: string }[]) => entries.map(({ id }) => id).sort()
  const csv = (await saved('export-csv')).trimEnd().split('\r\n').slice(1).map(cells)
  expect(csv.map((row) => row[2] ?? '').sort()).toEqual(idsOf(mine))

  await page.getByTestId('ledger-worker').selectOption('')
  await expect(page.getByTestId('ledger-totals')).toContainText(`Total of ${count(ledger)} entries`)
  const file = JSON.parse(await saved('export-json')) as { complete: boolean; entries: { entry: string }[]; totals: Record<string, string> }
  expect(file.complete).toBe(true)
  expect(file.entries.map(({ entry }) => entry).sort()).toEqual(idsOf(ledger))
  const counted = ledger.filter(({ kind, state }) => kind !== 'selfRender' && state !== 'reversed')
  const net = counted.reduce((sum, { netMicro }) => sum + BigInt(netMicro), 0n)
  expect(file.totals['net_pictor']).toBe(formatMicro(net, 6))

  // Totals by worker add up to the ledger.
  await page.getByRole('radio', { name: 'By worker' }).click()
  await expect(page.getByRole('table')).toHaveAttribute('aria-rowcount', String(new Set(ledger.map((entry) => entry.nodeId)).size + 1))

  // Without a line a file is not passed for the whole.
  await server.stop()
  await expect(page.getByTestId('sync-pill')).toHaveAttribute('data-state', 'offline')
  await page.getByTestId('export-csv').click()
  await expect(page.getByTestId('export-partly')).toContainText('The server cannot be reached')
})

/** The cells of one line of CSV. */
const cells = (line: string): string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
