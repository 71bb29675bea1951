import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser } from '@playwright/test'
import { needChinese } from './needChinese.ts'
import { shots, type Shot } from './screenshots.shots.ts'
import { startTestingPage } from './testingPage.ts'

/**
 * Takes pictures of the dashboard in its states, against the page-local peer: `node build/screenshots.ts [--out DIR] [--no-build] [filter …]`.
 * A filter is a part of a picture's name; without one all are taken.
 */
const root = fileURLToPath(new URL('..', import.meta.url))

async function main(): Promise<void> {
  const given = process.argv.slice(2)
  const outAt = given.indexOf('--out')
  const outDir = outAt >= 0 ? (given[outAt + 1] ?? 'out/screenshots') : join(root, 'out/screenshots')
  const filters = given.filter((word, index) => !word.startsWith('--') && (outAt < 0 || index !== outAt + 1))
  mkdirSync(outDir, { recursive: true })
  const { address, stop } = await startTestingPage({ rebuild: !given.includes('--no-build') })
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--hide-scrollbars'],
  })
  let problems = 0
  try {
    await needChinese(await browser.newPage())
    for (const shot of shots.filter(({ name }) => filters.length === 0 || filters.some((filter) => name.includes(filter))))
      problems += await take(browser, address, shot, outDir)
  } finally {
    await browser.close()
    await stop()
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

await main()
