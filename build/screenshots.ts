import { createReadStream, existsSync, mkdirSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type Page } from '@playwright/test'
import { build } from 'vite'
import { shots, type Shot } from './screenshots.shots.ts'

/**
 * Takes pictures of the dashboard in its states, against the page-local peer: `node build/screenshots.ts [--out DIR] [--no-build] [filter …]`.
 * A filter is a part of a picture's name; without one all are taken.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const testingBuild = join(root, 'out/renderer-testing')
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
/** What the servers send; the pages must work under it. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'"

async function main(): Promise<void> {
  const given = process.argv.slice(2)
  const outAt = given.indexOf('--out')
  const outDir = outAt >= 0 ? (given[outAt + 1] ?? 'out/screenshots') : join(root, 'out/screenshots')
  const filters = given.filter((word, index) => !word.startsWith('--') && (outAt < 0 || index !== outAt + 1))
  if (!given.includes('--no-build')) {
    process.env['PICTOR_FAKE_PEER'] = '1'
    await build({ configFile: join(root, 'build/renderer.vite.ts'), logLevel: 'warn' })
  }
  mkdirSync(outDir, { recursive: true })
  const server = await serve(testingBuild)
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--hide-scrollbars'],
  })
  let problems = 0
  try {
    for (const shot of shots.filter(({ name }) => filters.length === 0 || filters.some((filter) => name.includes(filter))))
      problems += await take(browser, address, shot, outDir)
  } finally {
    await browser.close()
    server.close()
  }
  if (problems > 0) process.exitCode = 1
}

/** Takes one picture; answers how many complaints the page made. */
async function take(browser: Browser, address: string, shot: Shot, outDir: string): Promise<number> {
  const context = await browser.newContext({
    viewport: shot.size ?? { width: 1440, height: 900 },
    colorScheme: shot.dark === true ? 'dark' : 'light',
    deviceScaleFactor: shot.scale ?? 1,
    reducedMotion: 'reduce',
    locale: shot.locale ?? 'en-GB',
    timezoneId: 'UTC',
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(address) && !/^(data|blob):/.test(request.url())) complaints.push(`asked for ${request.url()}`)
  })
  await pictures(page)
  await page.goto(`${address}?${shot.query}#${shot.path}`)
  await (shot.until ? page.locator(shot.until).first().waitFor({ timeout: 20_000 }) : page.getByTestId('page-header').waitFor())
  await shot.act?.(page)
  // Fonts and pictures belong to the picture.
  await page.evaluate(async () => document.fonts.ready)
  await page.waitForTimeout(shot.settleMs ?? 700)
  await page.screenshot({ path: join(outDir, `${shot.name}.png`), fullPage: false })
  await context.close()
  console.log(`${shot.name}.png${complaints.length > 0 ? `\n  ${complaints.join('\n  ')}` : ''}`)
  return complaints.length
}

/** Stands in for the frames a real server would send: a different picture for each frame. */
async function pictures(page: Page): Promise<void> {
  await page.route(/\/api\/jobs\/[^/]+\/frames\/\d+/, (route) => {
    const frame = Number(/frames\/(\d+)/.exec(route.request().url())?.[1] ?? 0)
    const hue = (frame * 7 + 210) % 360
    const x = 60 + ((frame * 11) % 200)
    return route.fulfill({
      contentType: 'image/svg+xml',
      body: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 180" width="1920" height="1080"><defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="hsl(${hue} 45% 72%)"/><stop offset="1" stop-color="hsl(${hue + 40} 40% 32%)"/></linearGradient><radialGradient id="ball" cx=".35" cy=".3"><stop stop-color="#fff"/><stop offset=".5" stop-color="hsl(${hue + 160} 60% 60%)"/><stop offset="1" stop-color="hsl(${hue + 160} 60% 22%)"/></radialGradient></defs><rect width="320" height="180" fill="url(#sky)"/><path d="M0 130h320v50H0z" fill="hsl(${hue + 30} 25% 28%)"/><ellipse cx="${x}" cy="142" rx="38" ry="7" fill="#0005"/><circle cx="${x}" cy="104" r="37" fill="url(#ball)"/></svg>`,
    })
  })
  await page.route(/\/api\/scenes/, (route) =>
    route.fulfill({
      contentType: 'application/json',
      body: JSON.stringify({
        ok: true,
        value: {
          stagedId: 'staged-00000000000000000000',
          name: 'kitchen_v12.blend',
          sizeBytes: 48_300_000,
          info: {
            blenderVersion: '4.2',
            engine: 'CYCLES',
            width: 1920,
            height: 1080,
            samples: 128,
            format: 'PNG',
            wantsDenoiser: 'OPENIMAGEDENOISE',
          },
          frameStart: 1,
          frameEnd: 120,
          warnings: [{ code: 'SCENE_MISSING_FILES', message: '', details: { files: '//textures/wood.png, //textures/floor.exr' } }],
        },
      }),
    }),
  )
}

async function serve(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname))
    const file = join(folder, path === '/' ? 'index.html' : path)
    if (!file.startsWith(folder) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream', 'content-security-policy': policy })
    createReadStream(file).pipe(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

await main()
