import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import type { CollectionName } from '#shared/collections/collections.ts'
import { formatMicro } from '#shared/money.ts'
import { serverClient, type ServerClient } from '../../desktop/launch/serverClient.ts'
import { runCli } from '../support/cli.ts'
import { sumEntries } from '../support/ledgerSums.ts'
import { expect, test as base } from '../support/test.ts'
import { waitFor } from '../support/waitFor.ts'
import { visit } from './pages.ts'

/** A farm with a history, on a real server: what the pages say is what the ledger and the documents say, and what they offer does it. */
const password = 'a password of eight or more'
const test = base.extend<{ owner: ServerClient; url: string }>({
  url: async ({ computer }, use) => {
    const data = computer.folder('server')
    const args = ['seed', '--data', data, '--workers', '14', '--tasks', '150', '--days', '20', '--owner', 'Ada', '--json']
    const seeded = await runCli(args, { env: { PICTOR_PASSWORD: password } })
    expect(seeded.code, seeded.stderr).toBe(0)
    await use((await computer.startServer(data)).instance().gatewayUrl ?? '')
  },
  owner: async ({ url }, use) => {
    const { token } = await serverClient(url).signInByPassword('Ada', password)
    await use(serverClient(url, token ?? ''))
  },
})
test.use({ viewport: { width: 1_720, height: 900 }, locale: 'en-GB', timezoneId: 'UTC' })

async function signIn(page: Page, url: string, path: string): Promise<void> {
  await page.goto(`${url}/#${path}`)
  await enter(page, 'Ada')
}
/** Where the way in is shown, or will be: a page that signs out loads itself anew. */
async function enter(page: Page, name: string): Promise<void> {
  await page.getByTestId('sign-in-name').fill(name)
  await page.getByTestId('sign-in-password').fill(password)
  await page.getByTestId('sign-in-go').click()
  await expect(page.getByTestId('sync-pill')).toHaveAttribute('data-state', 'live')
}
const exact = (micro: bigint): string => formatMicro(micro, 6)
/** An amount as it stands in a cell or a tooltip: its exact value is on hover. */
const amountsOf = (page: Page, selector: string) => page.locator(selector).locator('[title$=" PICTOR"]').first().getAttribute('title')

test('what a farm earned is the same to the last micro-PICTOR on every page: overview, chart, workers, statistics, ledger', async ({
  owner,
  url,
  page,
}) => {
  await signIn(page, url, '/')
  const ledger = await owner.documents('earnings')
  const whole = sumEntries(ledger)
  const counted = whole.netMicro
  expect(counted > 0n && whole.pendingMicro > 0n && whole.finalMicro > 0n).toBe(true)
  const pending = page.getByTestId('figure-pending')
  await expect(pending.locator('[role=tooltip]')).toContainText(`Exactly ${exact(whole.pendingMicro)} PICTOR.`)
  await expect(page.getByTestId('figure-self').locator('[role=tooltip]')).toContainText(`Exactly ${exact(whole.selfRenderMicro)} PICTOR.`)
  await expect(page.getByTestId('figure-earned').locator('[role=tooltip]')).toContainText(`Exactly ${exact(whole.finalMicro)} PICTOR.`)

  // Every stretch of time and every way to take it apart; the exact values stand behind the chart.
  const activity = page.getByTestId('activity')
  await activity.getByRole('radio', { name: 'Earnings' }).click()
  await page.getByTestId('chart-as-table').click()
  const lastRow = activity.locator('tfoot td')
  const total = async (): Promise<bigint> => {
    const cells = await lastRow.allInnerTexts()
    return cells.reduce((sum, cell) => sum + BigInt(Math.round(Number(cell.replaceAll(',', '')) * 1_000_000)), 0n)
  }
  const rows = activity.locator('tbody tr')
  for (const [range, places] of [
    ['24 h', 24],
    ['7 d', 7],
    ['30 d', 30],
    ['Year', 53],
  ] as const) {
    await activity.getByRole('radio', { name: range, exact: true }).click()
    await expect(rows).toHaveCount(places)
  }
  await expect.poll(async () => (await total()) - whole.selfRenderMicro).toBe(counted)
  await page.getByTestId('chart-split').selectOption('worker')
  await expect.poll(total).toBe(counted)
  await page.getByTestId('chart-split').selectOption('tag')
  // A worker with two tags counts under both.
  await expect.poll(async () => (await total()) >= counted).toBe(true)
  await activity.getByRole('radio', { name: 'Custom' }).click()
  const day = new Date(Math.max(...ledger.map(({ createdAt }) => createdAt))).toISOString().slice(0, 10)
  for (const edge of ['range-from', 'range-to']) await page.getByTestId(edge).fill(day)
  await expect(rows).toHaveCount(24)
  await page.getByTestId('chart-split').selectOption('worker')
  const ofDay = sumEntries(ledger.filter(({ createdAt }) => new Date(createdAt).toISOString().startsWith(day)))
  await expect.poll(total).toBe(ofDay.netMicro)
  await page.getByTestId('chart-as-table').click()
  await expect(page.getByTestId('activity-chart')).toBeVisible()

  // Each worker in all, in the list and on its own page.
  await visit(page, '/workers')
  const workers = await owner.documents('workers')
  await expect(page.getByTestId('table-row')).toHaveCount(workers.length)
  const heads = await page.locator('[role=columnheader]').evaluateAll((all) => all.map((one) => one.getAttribute('data-column')))
  for (const { id, name } of workers) {
    const own = sumEntries(ledger.filter(({ nodeId }) => nodeId === id)).netMicro
    const cells = page
      .getByTestId('table-row')
      .filter({ has: page.locator(`a[href$="/${id}"]`) })
      .getByRole('cell')
    await expect(cells.nth(heads.indexOf('all')).locator('[title$=PICTOR]'), name).toHaveAttribute('title', `${exact(own)} PICTOR`)
  }
  const [most] = workers.toSorted((a, b) => countOf(ledger, b.id) - countOf(ledger, a.id))
  await visit(page, `/workers/${most?.id ?? ''}?tab=statistics`)
  const own = sumEntries(ledger.filter(({ nodeId }) => nodeId === most?.id))
  await expect(page.getByTestId('stat-in-all').locator('[title$=PICTOR]')).toHaveAttribute('title', `${exact(own.netMicro)} PICTOR`)
  await page.getByTestId('uptime').getByTestId('chart-as-table').click()
  await expect(page.getByTestId('uptime').locator('tbody tr')).toHaveCount(30)

  await visit(page, '/earnings')
  expect(await amountsOf(page, '[data-testid=ledger-totals]')).toBe(`${exact(whole.finalMicro)} PICTOR`)
  const saved = async (): Promise<string> => {
    const downloading = page.waitForEvent('download')
    await page.getByTestId('export-json').click()
    return readFileSync(await (await downloading).path(), 'utf8')
  }
  const file = JSON.parse(await saved()) as { entries: Record<string, unknown>[]; totals: Record<string, string> }
  expect(file.totals['net_pictor']).toBe(exact(counted))
  // What a tax office asks for: amounts, ids, times with their zone.
  const [entry] = file.entries
  for (const field of ['entry', 'task_id', 'job_id', 'worker_id', 'gross_pictor', 'fee_pictor', 'net_pictor', 'state', 'kind'])
    expect(Object.keys(entry ?? {}), field).toContain(field)
  expect(JSON.stringify(entry)).toMatch(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/)
})
const countOf = (entries: readonly { nodeId: string }[], id: string): number => entries.filter(({ nodeId }) => nodeId === id).length

test('a farm is searched, narrowed, sorted and commanded; what is read in one browser is read in another; a stranger sees none of it', async ({
  owner,
  url,
  page,
  browser,
  computer,
}) => {
  const complaints: string[] = []
  page.on('console', (message) => {
    // The browser itself notes each answer that is an error, and the library of the page's database that it has something to sell.
    if (['error', 'warning'].includes(message.type()) && !/status of 40[14]|RxDB Open Core/.test(message.text()))
      complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  await signIn(page, url, '/workers')
  const [workers, nodes] = [await owner.documents('workers'), await owner.documents('nodes')]
  const rows = page.getByTestId('table-row')
  await expect(rows).toHaveCount(workers.length)

  // Search by name, tag, card and id; each filter alone. What is found is said once it stands.
  const search = page.getByTestId('workers-search')
  const [first] = workers
  const gpuOf = (id: string): string => nodes.find((node) => node.id === id)?.hardware.gpus[0]?.name ?? ''
  const card = gpuOf(workers.find(({ id }) => gpuOf(id) !== '')?.id ?? '')
  const tag = first?.tags[0] ?? ''
  const hay = ({ id, name, tags }: (typeof workers)[number]): string =>
    [name, ...tags, ...(nodes.find((node) => node.id === id)?.hardware.gpus.map((gpu) => gpu.name) ?? []), id].join('\n').toLowerCase()
  for (const text of [first?.name ?? '', tag, card, first?.id ?? '']) {
    await search.fill(text)
    const found = workers.filter((worker) =>
      text
        .toLowerCase()
        .split(/\s+/)
        .every((word) => hay(worker).includes(word)),
    )
    await expect(rows, text).toHaveCount(found.length)
  }
  await expect(page.locator('[role=status]', { hasText: '1 found' })).toHaveCount(1)
  await search.fill('')
  const byVersion = nodes[0]?.appVersion ?? ''
  const expected = {
    tag: [tag, workers.filter(({ tags }) => tags.includes(tag)).length],
    gpu: [card, nodes.filter(({ hardware }) => hardware.gpus.some(({ name }) => name === card)).length],
    version: [byVersion, nodes.filter(({ appVersion }) => appVersion === byVersion).length],
  } as const
  for (const [key, [value, count]] of Object.entries(expected)) {
    const filter = page.getByTestId(`filter-${key}`)
    // A version that all have narrows nothing and is not offered.
    if (await filter.isDisabled()) continue
    await filter.selectOption(value)
    await expect(rows, key).toHaveCount(count)
    await filter.selectOption('')
  }
  const chips = page.getByRole('group', { name: 'Status' }).getByRole('button')
  let sum = 0
  for (const chip of await chips.all()) {
    await chip.click()
    const shown = Number((await chip.innerText()).match(/\d+/)?.[0])
    await expect(rows).toHaveCount(shown)
    sum += shown
    await chip.click()
  }
  expect(sum).toBe(workers.length)

  // Every column can be shown, sorts both ways, is moved and sized by the keyboard, and stays so.
  await page.getByTestId('columns').click()
  for (const key of ['ram', 'version', 'tags', 'created', 'id']) await page.getByTestId(`column-${key}`).check()
  await page.getByTestId('column-up-status').click()
  await page.keyboard.press('Escape')
  const keys = [
    'name',
    'status',
    'task',
    'hardware',
    'ram',
    'uptime',
    'reliability',
    'today',
    'total',
    'all',
    'version',
    'tags',
    'created',
    'update',
    'id',
  ]
  const head = (key: string) => page.locator(`[role=columnheader][data-column=${key}]`)
  for (const key of keys) {
    const order: string[] = []
    for (let turn = 0; turn < 2; turn += 1) {
      await head(key).getByRole('button').click()
      order.push((await head(key).getAttribute('aria-sort')) ?? '')
    }
    expect(order.toSorted(), key).toEqual(['ascending', 'descending'])
  }
  const grip = head('ram').getByRole('separator')
  const widthOf = async (key: string): Promise<number> => Math.round((await head(key).boundingBox())?.width ?? 0)
  const before = await widthOf('ram')
  await grip.focus()
  for (let press = 0; press < 3; press += 1) await page.keyboard.press('ArrowRight')
  await expect.poll(() => widthOf('ram')).toBe(before + 48)
  await page.reload()
  await expect(rows).toHaveCount(workers.length)
  expect(await widthOf('ram')).toBe(before + 48)
  expect(
    (await page.locator('[role=columnheader][data-column]').evaluateAll((all) => all.map((one) => one.getAttribute('data-column'))))[0],
  ).toBe('status')

  // Many at once: what is wished for stands at the server.
  const stored = async <Name extends CollectionName>(name: Name, id: string) => (await owner.documents(name)).find((one) => one.id === id)
  await page.getByTestId('select-all').check()
  await expect(page.getByTestId('bulk-bar')).toContainText(`${workers.length} selected`)
  for (const [button, pause] of [
    ['bulk-pause', 'now'],
    ['bulk-resume', 'none'],
  ] as const) {
    await page.getByTestId(button).click()
    await waitFor(button, async () => (await owner.documents('workers')).every(({ wanted }) => wanted.pause === pause))
  }
  // From a row the palette is nearer than the bar; what is typed before it is there is not lost, nor done by what has the focus.
  await page.keyboard.press('Control+k')
  await page.keyboard.type('update')
  await expect(page.getByTestId('palette-field')).toHaveValue('update')
  await expect(page.getByTestId('palette-option').first()).toHaveText('Update')
  await page.keyboard.press('Enter')
  await waitFor('the wish for an update', async () =>
    (await owner.documents('workers')).every(({ wanted }) => wanted.updateRequestedAt !== undefined),
  )
  await page.getByTestId('select-all').uncheck()

  // A worker's history: by words, state and days.
  const tasks = await owner.documents('tasks')
  const [busy] = workers.toSorted((a, b) => countOf(tasks, b.id) - countOf(tasks, a.id))
  const mine = tasks.filter(({ nodeId }) => nodeId === busy?.id)
  await visit(page, `/workers/${busy?.id ?? ''}?tab=history`)
  const history = page.getByTestId('task-history')
  const listed = history.getByRole('table')
  await expect(listed).toHaveAttribute('aria-rowcount', String(mine.length + 1))
  await page.getByTestId('tasks-search').fill(mine[0]?.id ?? '')
  await expect(listed).toHaveAttribute('aria-rowcount', '2')
  await page.getByTestId('tasks-search').fill('')
  await page.getByTestId('tasks-state').selectOption('taskClosed.completed')
  const completed = mine.filter(({ closedAs }) => closedAs === 'completed')
  await expect(listed).toHaveAttribute('aria-rowcount', String(completed.length + 1))
  const day = new Date(completed[0]?.createdAt ?? 0).toISOString().slice(0, 10)
  for (const edge of ['tasks-from', 'tasks-to']) await page.getByTestId(edge).fill(day)
  const ofDay = completed.filter(({ createdAt }) => new Date(createdAt).toISOString().startsWith(day))
  await expect(listed).toHaveAttribute('aria-rowcount', String(ofDay.length + 1))

  // A job: all of its pictures as one file, each looked at in turn; one that waits is paused and goes on.
  const [jobs, states] = [await owner.documents('jobs'), await owner.documents('jobStates')]
  const done = states.filter(({ state }) => state === 'done').toSorted((a, b) => a.total - b.total)[0]
  await visit(page, `/jobs/${done?.id ?? ''}`)
  const downloading = page.waitForEvent('download')
  await page.getByTestId('download-all').click()
  const zip = readFileSync(await (await downloading).path())
  expect(filesInZip(zip)).toBe(done?.accepted)
  await page.getByTestId('frame-thumb').first().click()
  const viewer = page.getByTestId('frame-viewer')
  const firstShown = await viewer.getAttribute('data-frame')
  if ((done?.accepted ?? 0) > 1) {
    await page.getByTestId('viewer-next').click()
    await expect(viewer).not.toHaveAttribute('data-frame', firstShown ?? '')
    await page.getByTestId('viewer-previous').click()
    await expect(viewer).toHaveAttribute('data-frame', firstShown ?? '')
  }
  await page.keyboard.press('Escape')
  const open = jobs.find(
    ({ id, wanted }) => wanted === 'run' && states.some((state) => state.id === id && ['queued', 'rendering'].includes(state.state)),
  )
  await visit(page, '/jobs')
  await page.getByTestId('jobs-search').fill(open?.id ?? '')
  await expect(rows).toHaveCount(1)
  await visit(page, `/jobs/${open?.id ?? ''}`)
  for (const [button, wanted] of [
    ['pause-job', 'paused'],
    ['resume-job', 'run'],
  ] as const) {
    await page.getByTestId(button).click()
    await waitFor(wanted, async () => (await stored('jobs', open?.id ?? ''))?.wanted === wanted)
  }

  // A view with a filter and columns of one's own is kept in the account.
  await visit(page, '/workers')
  await page.getByTestId('filter-processing').click()
  await page.getByTestId('views').click()
  await page.getByTestId('save-view').click()
  await page.getByTestId('prompt-field').fill('Busy <i>ones</i>')
  await page.getByTestId('prompt-apply').click()
  await waitFor('the view', async () => (await owner.documents('profile'))[0]?.savedViews?.length === 1)
  await page.getByTestId('clear-filters').click()

  // Another browser hears of what is read and of what is changed here.
  await visit(page, '/account')
  await page.getByTestId('make-link').click()
  const link = await page.getByTestId('sign-in-link').locator('code').innerText()
  const other = await (await browser.newContext({ locale: 'en-GB' })).newPage()
  await other.goto(link)
  await expect(other.getByTestId('sync-pill')).toHaveAttribute('data-state', 'live')
  await visit(other, '/workers')
  await other.getByTestId('views').click()
  await other.getByTestId('saved-view').click()
  await expect(other.getByTestId('filter-processing')).toHaveAttribute('aria-pressed', 'true')
  const unread = other.getByTestId('nav-notices').locator('.count')
  await expect(unread).toBeVisible()
  await visit(other, '/notices')
  await expect(other.getByTestId('mark-read')).toBeVisible()
  await visit(page, '/notices')
  await page.getByTestId('mark-read').click()
  for (const one of [page, other]) {
    await expect(one.getByTestId('mark-read')).toHaveCount(0)
    await expect(one.getByTestId('nav-notices').locator('.count')).toHaveCount(0)
  }
  const address = `0x${'a1'.repeat(20)}`
  await visit(page, '/account')
  await page.getByTestId('wallet').fill('0xnonsense')
  await page.getByTestId('wallet-save').click()
  await expect(page.getByRole('alert')).toBeVisible()
  await page.getByTestId('wallet').fill(address)
  await page.getByTestId('wallet-save').click()
  await visit(other, '/account')
  await expect(other.getByTestId('wallet')).toHaveValue(address)
  await other.context().close()

  // A link that somebody else opens who is signed in too: nothing of it is shown, it is said who asks, and the owner gets to it from there.
  const added = await runCli(['server', 'owner', 'add', 'Bob', '--data', computer.folder('server'), '--json'], {
    env: { PICTOR_PASSWORD: password },
  })
  expect(added.code, added.stderr).toBe(0)
  await visit(page, '/account')
  await page.getByTestId('sign-out').click()
  const jobPath = `/jobs/${done?.id ?? ''}`
  await enter(page, 'Bob')
  const missing = page.getByTestId('empty-state')
  const task = mine.find(({ jobName }) => jobName !== '')
  for (const path of [
    `/workers/${busy?.id ?? ''}`,
    `/workers/${busy?.id ?? ''}?tab=history`,
    `/workers/${busy?.id ?? ''}/tasks/${task?.id ?? ''}`,
  ]) {
    await visit(page, path)
    await expect(missing).toContainText('Signed in as Bob.')
  }
  for (const path of ['/workers', '/jobs', '/earnings', '/notices']) {
    await visit(page, path)
    await expect(missing).toBeVisible()
  }
  await visit(page, jobPath)
  await expect(missing).toContainText('Signed in as Bob.')
  for (const name of [busy?.name ?? '', task?.jobName ?? '']) await expect(page.locator('body')).not.toContainText(name)
  await page.getByTestId('sign-in-other').click()
  await enter(page, 'Ada')
  await expect(page.getByTestId('frame-thumb').first()).toBeVisible()
  await expect(page).toHaveTitle(/ · Pictor Worker$/)
  expect(complaints).toEqual([])
})

/** How many files a zip says it holds, read from the record at its end. */
function filesInZip(zip: Buffer): number {
  const at = zip.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'))
  return at < 0 ? 0 : zip.readUInt16LE(at + 10)
}
