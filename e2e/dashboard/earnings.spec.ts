import { readFileSync } from 'node:fs'
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

/** The cells of one line of CSV. */
const cells = (line: string): string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
