import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext, type Page } from '@playwright/test'
import { makeDist, ownBytes } from '../build/dist.ts'
import { makeStandInElectron } from '../build/testing/standInElectron.ts'
import { reachesItsNode, walkThroughSetUp } from '../e2e/desktop/checks.ts'
import type { DesktopApp, ProcessKind } from '../e2e/desktop/driver.ts'
import { driverName, launchDesktop } from '../e2e/desktop/launchDesktop.ts'
import { processesOf } from '../e2e/desktop/processes.ts'
import { compareInTurns, median } from './median.ts'
import { residentMb } from './residentMb.ts'
import type { BenchRow } from './row.ts'

const peerName = 'a bare Chromium with one heading'
/** Held by build/dist.test.ts, with a tenth to spare. */
const ownFilesGoalMb = 105

/**
 * The desktop app: from launch and from a click on the tray to the first paint of its page, and to the largest part of it painted with this computer's data, processes and memory with and without a window, and
 * how large its own files are. On Electron where there is one, on the Chromium host elsewhere; the rows say which. Peer: the same Chromium with next to
 * nothing in it. Needs the built bundles.
 */
export async function benchDesktop({ short }: { short: boolean }): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-desktop-'))
  const rounds = short ? 2 : 5
  const data = join(folder, 'data')
  // The first start makes keys and databases; it is what a person waits for once.
  const first = await launch(data)
  try {
    const firstPaint = await paintedAt(first.page, first.startedAt, 'checks')
    const setUp = await walkThroughSetUp(first.page)
    await first.app.kill()
    const launches = { first: [] as number[], ours: [] as number[], peer: [] as number[] }
    const opens = { first: [] as number[], ours: [] as number[], peer: [] as number[] }
    let processes: BenchRow[] = []
    for (let round = 0; round < rounds; round += 1) {
      const bare = await launchBare(join(folder, `bare-${round}`))
      launches.peer.push(bare.paintedMs)
      const { app, page, startedAt } = await launch(data)
      const launched = await paintedAt(page, startedAt, 'first-steps')
      launches.first.push(launched.firstMs)
      launches.ours.push(launched.usefulMs)
      await reachesItsNode(page)
      const before = round > 0 ? [] : await memoryRows(app, 'window open')
      await app.closeWindow()
      opens.peer.push(await bare.openAgain())
      const closed = round > 0 ? [] : [await hiddenRow(app), ...(await memoryRows(app, 'window closed'))]
      if (round === 0) processes = [...closed, ...before]
      const clickedAt = Date.now()
      await app.trayClick()
      const opened = await paintedAt(await app.page(), clickedAt, 'first-steps')
      opens.first.push(opened.firstMs)
      opens.ours.push(opened.usefulMs)
      await bare.close()
      await app.kill()
    }
    return [
      timeRow('launch → useful paint, first start', '≤ 10 s', 10, { ours: firstPaint.usefulMs, peer: median(launches.peer) }),
      paintRow('… its page, saying what is started', firstPaint.firstMs),
      timeRow('launch → useful paint, later starts', '≤ 4 s', 4, compareInTurns(launches.ours, launches.peer)),
      paintRow('… its page, saying what is started', median(launches.first)),
      timeRow('click on the tray → useful paint', '≤ 1 s', 1, compareInTurns(opens.ours, opens.peer)),
      paintRow('… its page', median(opens.first)),
      setUpRow(setUp),
      ...processes,
      await sizeRow(folder),
    ]
  } finally {
    await first.app.kill()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function launch(data: string): Promise<{ app: DesktopApp; page: Page; startedAt: number }> {
  const startedAt = Date.now()
  const app = await launchDesktop({ data, environment: { PICTOR_BENCHMARK: 'asked' } })
  return { app, page: await app.page(), startedAt }
}

/**
 * When anything of the page was painted, and when the largest part of it, in ms since `since`; asked once the part is there that shows `part` (its
 * test id), which the page has only with the data of this computer. Read from the browser's own timings: that it is asked late costs nothing.
 */
async function paintedAt(page: Page, since: number, part: string): Promise<{ firstMs: number; usefulMs: number }> {
  await page.getByTestId(part).waitFor({ timeout: 120_000 })
  const { first, largest } = await page.evaluate(async () => {
    // The frame with it is painted.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    const largest = await new Promise<number>((resolve) => {
      new PerformanceObserver((list) => resolve(list.getEntries().at(-1)?.startTime ?? Number.NaN)).observe({
        type: 'largest-contentful-paint',
        buffered: true,
      })
    })
    const [first] = performance.getEntriesByName('first-contentful-paint')
    return { first: performance.timeOrigin + (first?.startTime ?? Number.NaN), largest: performance.timeOrigin + largest }
  })
  return { firstMs: first - since, usefulMs: largest - since }
}

/** The peer: the same Chromium, started and opened in the same way, with one heading in its page. */
async function launchBare(folder: string) {
  const startedAt = Date.now()
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: process.env['PICTOR_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    viewport: { width: 1_280, height: 800 },
  })
  const paintedMs = await openBare(context, startedAt)
  return {
    paintedMs,
    openAgain: async () => openBare(context, Date.now()),
    close: () => context.close(),
  }
}
async function openBare(context: BrowserContext, since: number): Promise<number> {
  const page = await context.newPage()
  await page.goto('data:text/html,<h1 data-testid="hello">Hello</h1>')
  const { usefulMs } = await paintedAt(page, since, 'hello')
  await page.close()
  return usefulMs
}

/** The set-up with its benchmark, walked through by a machine: what a person adds is reading. */
const setUpRow = ({ tookMs, measuringMs }: { tookMs: number; measuringMs: number }): BenchRow => ({
  ...{
    what: 'first-run set-up, benchmark included',
    goal: '≤ 120 s',
    ours: tookMs / 1_000,
    unit: 's',
    peer: '',
    peerValue: null,
    ratio: null,
  },
  reached: tookMs <= 120_000,
  note: `${(measuringMs / 1_000).toFixed(1)} s of it Blender’s measuring, on the processor`,
})

/** Closed windows leave no page behind: their renderers end. */
async function hiddenRow(app: DesktopApp): Promise<BenchRow> {
  const left = await processesOf(app, 'page')
  const isHost = driverName() === 'Chromium host'
  // Chromium keeps one renderer without a page ready for the next tab.
  const ours = Math.max(0, left.length - (isHost ? 1 : 0))
  return {
    ...{
      what: 'window closed: renderer processes',
      goal: '0',
      ours,
      unit: '',
      peer: '',
      peerValue: null,
      ratio: null,
      reached: ours === 0,
    },
    note: `${driverName()}${isHost ? '; Chromium’s one spare renderer without a page is not counted' : ''}`,
  }
}

const kinds = ['main', 'page', 'runtime', 'gateway', 'store', 'other'] as const satisfies readonly ProcessKind[]
/** Resident memory by what the processes are for; the node has a goal of its own. */
async function memoryRows(app: DesktopApp, when: string): Promise<BenchRow[]> {
  if (process.platform !== 'linux') return []
  const processes = await app.processes()
  return kinds.flatMap((kind): BenchRow[] => {
    const sizes = processes.filter((one) => one.kind === kind).map(({ pid }) => residentMb(pid))
    if (sizes.length === 0) return []
    const ours = sizes.reduce((sum, size) => sum + size, 0)
    return [
      {
        ...{
          what: `${when}: memory of ${kind}${sizes.length > 1 ? ` (${sizes.length})` : ''}`,
          ours,
          unit: 'MB',
          peer: '',
          peerValue: null,
        },
        ...{ goal: 'none set', ratio: null, reached: null },
        ...(kind === 'main' ? { note: `${driverName()}; on the host it holds the host and Playwright as well` } : {}),
      },
    ]
  })
}

/** electron-builder packs the app for this system around a stand-in for Electron, which is not counted. */
async function sizeRow(folder: string): Promise<BenchRow> {
  const output = join(folder, 'dist')
  await makeDist('linux', true, { electronDist: makeStandInElectron(join(folder, 'electron'), 'linux'), directories: { output } })
  const ours = ownBytes(join(output, 'linux-unpacked')) / 1e6
  return {
    ...{ what: 'the app’s own files, Linux', goal: `≤ ${ownFilesGoalMb} MB`, ours, unit: 'MB', peer: '', peerValue: null, ratio: null },
    reached: ours <= ownFilesGoalMb,
    note: 'packed by electron-builder, without Electron itself',
  }
}

const paintRow = (what: string, ms: number): BenchRow => ({
  ...{ what, goal: 'none set', ours: ms / 1_000, unit: 's', peer: '', peerValue: null, ratio: null, reached: null },
  note: driverName(),
})

const timeRow = (
  what: string,
  goal: string,
  goalSeconds: number,
  { ours, peer, ratio = ours / peer }: { ours: number; peer: number; ratio?: number },
): BenchRow => ({
  ...{ what, goal, ours: ours / 1_000, unit: 's', peer: peerName, peerValue: peer / 1_000, ratio, reached: ours <= goalSeconds * 1_000 },
  note: driverName(),
})
