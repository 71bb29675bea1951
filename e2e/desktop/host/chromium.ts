import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type BrowserContext, type Page, type Route } from '@playwright/test'
import { fromBrowser, isMapped, schemeOf } from './addresses.ts'

type Handler = (request: Request) => Response | Promise<Response>
export const schemeHandlers = new Map<string, Handler>()
/** Everything that a page asked of the world outside; nothing is let through. */
export const outsideRequests: string[] = []
/** Called for each navigation of a window's page that the page itself began; true: it may go there. */
export const navigationGuards = new Map<Page, (address: string) => boolean>()

let opening: Promise<BrowserContext> | null = null

/** The one Chromium of this host. */
export const openChromium = (folder: string): Promise<BrowserContext> => (opening ??= launch(folder))
export const closeChromium = async (): Promise<void> => void (await (await opening)?.close())

/** Where a test connects to the same browser. @throws Error while Chromium has not written its port whole: the file is there before its words. */
export function debugAddress(folder: string): { http: string; webSocket: string } {
  const [port, path] = readFileSync(join(folder, 'DevToolsActivePort'), 'utf8').split('\n')
  if (!port || !path) throw new Error('Chromium has not written its port yet')
  return { http: `http://127.0.0.1:${port}`, webSocket: `ws://127.0.0.1:${port}${path}` }
}

async function launch(folder: string): Promise<BrowserContext> {
  // Of an earlier start on the same folder: it would send a test to a browser that is gone.
  rmSync(join(folder, 'DevToolsActivePort'), { force: true })
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: process.env['PICTOR_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--remote-debugging-port=0'],
    viewport: { width: 1280, height: 800 },
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  })
  // Chromium begins with a tab of its own, Electron with none.
  const tabs = context.pages()
  context.once('page', () => void Promise.all(tabs.map((tab) => tab.close())).catch(() => undefined))
  await context.route('**/*', (route) => serve(route).catch(() => route.abort().catch(() => undefined)))
  return context
}

async function serve(route: Route): Promise<void> {
  const request = route.request()
  const address = fromBrowser(request.url())
  if (request.isNavigationRequest()) {
    const frame = request.frame()
    const mayGo = navigationGuards.get(frame.page())
    if (frame.parentFrame() === null && mayGo !== undefined && !mayGo(address)) return route.abort('aborted')
  }
  const handler = isMapped(request.url()) ? schemeHandlers.get(schemeOf(request.url())) : undefined
  if (handler === undefined) {
    outsideRequests.push(address)
    return route.fulfill({ status: 200, contentType: 'text/html', body: '<title>outside</title>' })
  }
  const body = request.postDataBuffer()
  const response = await handler(
    new Request(address, {
      method: request.method(),
      headers: await request.allHeaders().then((all) => Object.fromEntries(Object.entries(all).filter(([name]) => !name.startsWith(':')))),
      ...(body === null ? {} : { body: new Uint8Array(body) }),
    }),
  )
  await route.fulfill({
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  })
}
