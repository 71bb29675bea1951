import { get } from 'node:http'
import { chromium, type Browser, type BrowserContext, type CDPSession, type Page } from '@playwright/test'
import { farmOwner } from './farm.ts'

export interface BenchPage {
  browser: Browser
  context: BrowserContext
  page: Page
  devtools: CDPSession
}

const patienceMs = 120_000

/** A browser of its own, signed in at the farm, on the list of workers. */
export async function openBenchPage(url: string): Promise<BenchPage> {
  const browser = await chromium.launch({
    executablePath: process.env['PICTOR_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  const context = await browser.newContext({ viewport: { width: 1_280, height: 800 } })
  const page = await context.newPage()
  page.setDefaultTimeout(patienceMs)
  await page.addInitScript(watchRows)
  await page.goto(`${url}/#/workers`)
  await page.getByTestId('sign-in-name').fill(farmOwner.name)
  await page.getByTestId('sign-in-password').fill(farmOwner.password)
  await page.getByTestId('sign-in-go').waitFor()
  return { browser, context, page, devtools: await context.newCDPSession(page) }
}

/** In the page: notes when the page's own head stood, which is when its code was there, and when the first row of a table was painted. */
function watchRows(): void {
  const seen = new MutationObserver(() => {
    if (performance.getEntriesByName('page-stands').length === 0 && document.querySelector('[data-testid="page-header"]') !== null)
      performance.mark('page-stands')
    if (document.querySelector('[data-testid="table-row"]') === null) return
    seen.disconnect()
    requestAnimationFrame(() => setTimeout(() => performance.mark('rows-painted')))
  })
  seen.observe(document, { childList: true, subtree: true })
}

/**
 * When the first rows were painted, and when the page had its code: its head stood; both in ms since the page was asked for. And how much script there
 * was until the rows as it came over the wire, in kB of 1,000 bytes.
 */
export async function rowsPainted(page: Page): Promise<{ paintedMs: number; codeMs: number; scriptKb: number }> {
  await page.waitForFunction(() => performance.getEntriesByName('rows-painted').length > 0)
  return page.evaluate(() => {
    const paintedMs = performance.getEntriesByName('rows-painted')[0]?.startTime ?? 0
    const codeMs = performance.getEntriesByName('page-stands')[0]?.startTime ?? 0
    const scripts = performance
      .getEntriesByType('resource')
      .filter((entry) => entry.name.endsWith('.js') && entry.startTime < paintedMs)
      // A resource's entry is of this kind.
      .map((entry) => entry as PerformanceResourceTiming)
      .filter(({ responseEnd }) => responseEnd < paintedMs)
    const bytes = scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)
    return { paintedMs, codeMs, scriptKb: bytes / 1_000 }
  })
}

/** How much script came over the wire before anything was painted at all, in kB of 1,000 bytes. */
export async function scriptBeforeFirstPaint(page: Page): Promise<number> {
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0)
  const addresses = await page.evaluate(() => {
    const paintedMs = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0
    return (
      performance
        .getEntriesByType('resource')
        // A resource's entry is of this kind.
        .map((entry) => entry as PerformanceResourceTiming)
        .filter(({ name, responseEnd }) => name.endsWith('.js') && responseEnd < paintedMs)
        .map(({ name }) => name)
    )
  })
  // Asked for anew: what the service worker keeps is not compressed, and the page is told the size of that.
  const bytes = await Promise.all([...new Set(addresses)].map(bytesOverTheWire))
  return bytes.reduce((sum, one) => sum + one, 0) / 1_000
}

/** The size of a file as a browser is sent it. */
function bytesOverTheWire(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(address, { headers: { 'accept-encoding': 'br, gzip' } }, (response) => {
      let bytes = 0
      response.on('data', (part: Buffer) => (bytes += part.length))
      response.on('end', () => (response.statusCode === 200 ? resolve(bytes) : reject(new Error(`${address}: ${response.statusCode}`))))
      response.on('error', reject)
    }).on('error', reject)
  })
}

/** Waits until the list says that it holds so many workers. */
export async function untilRows(page: Page, count: number): Promise<void> {
  await page.waitForFunction(
    (wanted) => Number(document.querySelector('[role="table"]')?.getAttribute('aria-rowcount') ?? 0) > wanted,
    count,
  )
}

/** The keystroke's way: from the event to the frame in which the list shows its result. One value a letter typed, in ms. */
export async function typeInSearch(page: Page, text: string): Promise<number[]> {
  await page.evaluate(() => {
    const field = document.querySelector<HTMLInputElement>('[data-testid="workers-search"]')
    const times: number[] = []
    Object.assign(window, { keystrokeMs: times })
    field?.addEventListener(
      'input',
      (event) => {
        // The list is drawn in the same turn or the next; the frame after that shows it.
        setTimeout(() => requestAnimationFrame(() => setTimeout(() => times.push(performance.now() - event.timeStamp))))
      },
      { capture: true },
    )
  })
  for (const letter of text) {
    await page.getByTestId('workers-search').press(letter)
    await page.waitForTimeout(350)
  }
  return page.evaluate(() => (window as unknown as { keystrokeMs: number[] }).keystrokeMs)
}

interface TraceEvent {
  name: string
  ph: string
  ts: number
  dur?: number
  tdur?: number
  pid: number
  tid: number
  args?: { name?: string }
}
const frameMs = 1_000 / 60

/** The CPU time that the page's main thread spent in each sixtieth of a second while `work` went on. */
export async function mainThreadFrames(browser: Browser, page: Page, work: () => Promise<void>): Promise<number[]> {
  await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'] })
  await work()
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString('utf8')) as { traceEvents: TraceEvent[] }
  const mains = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
  const tasks = traceEvents.filter(({ name, ph }) => name === 'RunTask' && ph === 'X')
  // The page is the busiest of the renderers; others idle.
  const perMain = mains.map(({ pid, tid }) => tasks.filter((task) => task.pid === pid && task.tid === tid))
  const own = perMain.toSorted((a, b) => sumMs(b) - sumMs(a))[0] ?? []
  const beganAt = Math.min(...own.map(({ ts }) => ts))
  const frames: number[] = Array.from({ length: Math.ceil((Math.max(...own.map(({ ts }) => ts)) - beganAt) / 1_000 / frameMs) }, () => 0)
  for (const task of own) {
    const frame = Math.floor((task.ts - beganAt) / 1_000 / frameMs)
    frames[frame] = (frames[frame] ?? 0) + (task.tdur ?? task.dur ?? 0) / 1_000
  }
  return frames
}
const sumMs = (tasks: TraceEvent[]): number => tasks.reduce((sum, { tdur, dur }) => sum + (tdur ?? dur ?? 0), 0)

const looks = 5

/**
 * What the scripts of the page and of its workers hold after everything that could be freed was freed, in MB of a million bytes: the least of five
 * looks, a second apart, because what is just being taken in is not what stays.
 */
export async function heapMb({ page, devtools }: BenchPage): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let look = 0; look < looks; look += 1) {
    await devtools.send('HeapProfiler.collectGarbage')
    const { usedSize } = await devtools.send('Runtime.getHeapUsage')
    least = Math.min(least, usedSize + (await workersBytes(devtools)))
    await page.waitForTimeout(1_000)
  }
  return least / 1e6
}

/** Playwright has no line to a worker's own heap: the page's line passes messages on. */
async function workersBytes(devtools: CDPSession): Promise<number> {
  const sessions: string[] = []
  const answers = new Map<string, (usedSize: number) => void>()
  const onAttached = ({ sessionId, targetInfo }: { sessionId: string; targetInfo: { type: string } }): void => {
    if (targetInfo.type === 'worker') sessions.push(sessionId)
  }
  const onMessage = ({ sessionId, message }: { sessionId: string; message: string }): void => {
    const { id, result } = JSON.parse(message) as { id?: number; result?: { usedSize?: number } }
    if (id === heapQuestion) answers.get(sessionId)?.(result?.usedSize ?? 0)
  }
  devtools.on('Target.attachedToTarget', onAttached)
  devtools.on('Target.receivedMessageFromTarget', onMessage)
  await devtools.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false })
  const heaps = sessions.map(async (sessionId) => {
    const answer = new Promise<number>((resolve) => answers.set(sessionId, resolve))
    const ask = (id: number, method: string) =>
      devtools.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method, params: {} }) })
    // The first one ends what weak references hold on to; the second frees it.
    for (const id of [-1, -2]) await ask(id, 'HeapProfiler.collectGarbage')
    await ask(heapQuestion, 'Runtime.getHeapUsage')
    return answer
  })
  const bytes = (await Promise.all(heaps)).reduce((sum, one) => sum + one, 0)
  await devtools.send('Target.setAutoAttach', { autoAttach: false, waitForDebuggerOnStart: false, flatten: false })
  devtools.off('Target.attachedToTarget', onAttached)
  devtools.off('Target.receivedMessageFromTarget', onMessage)
  return bytes
}
const heapQuestion = 1

/** CPU time of the page's tasks so far, in ms. */
export async function taskMs({ devtools }: BenchPage): Promise<number> {
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  const { metrics } = await devtools.send('Performance.getMetrics')
  return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1_000
}

/** CPU time of all renderer processes of the browser so far, in ms: the page with its workers, and the browser's spare one, which idles. */
export async function rendererMs({ browser }: BenchPage): Promise<number> {
  const devtools = await browser.newBrowserCDPSession()
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo')
  await devtools.detach()
  return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { cpuTime }) => sum + cpuTime * 1_000, 0)
}
