import { spawn } from 'node:child_process'
import { chromium, expect, type Page } from '@playwright/test'
import { killTree } from '../../../desktop/launch/processTree.ts'
import { waitFor } from '../../support/waitFor.ts'
import { opensPort, shellState } from '../checks.ts'
import { isDashboard } from '../dashboardPage.ts'

const startTimeoutMs = 120_000

/** What the app that ships says of itself. */
export interface SmokeReport {
  version: string
  /** Why it would not update itself; null: it would. */
  updatesDisabled: string | null
}

/**
 * Starts the app that ships, on an empty data folder, and looks at it as far as its fuses let anybody: over Chromium's own debugging port. Its page shows,
 * its preload answers, its node is reached, and no debugger of Node's is let in. Rejects with what is not so; the app is ended in every case.
 */
export async function smokeApp(executable: string, data: string): Promise<SmokeReport> {
  const sandbox = process.platform === 'linux' ? ['--no-sandbox'] : []
  const keychain = process.platform === 'darwin' ? ['--use-mock-keychain'] : []
  const args = [...sandbox, ...keychain, `--data=${data}`, '--remote-debugging-port=0', '--inspect=0']
  const child = spawn(executable, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  try {
    const address = await waitFor(
      'the app’s debugging port',
      () => /DevTools listening on (ws:\S+)/.exec(output)?.[1] ?? null,
      startTimeoutMs,
    )
    expect(output, 'Node’s debugger is not let in').not.toContain('Debugger listening')
    const browser = await chromium.connectOverCDP(address)
    const pages = (): Page[] => browser.contexts().flatMap((context) => context.pages())
    const page = await waitFor('its window', () => pages().find(isDashboard) ?? null, startTimeoutMs)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible({ timeout: startTimeoutMs })
    await opensPort(page, startTimeoutMs)
    const { version, node, update } = await shellState(page)
    expect(node, 'its worker runs').toBe('up')
    await browser.close()
    return { version, updatesDisabled: update.name === 'disabled' ? update.reason : null }
  } catch (error) {
    throw new Error(`${executable}: ${error instanceof Error ? error.message : String(error)}\n${output.slice(-4_000)}`, { cause: error })
  } finally {
    killTree(child.pid ?? 0)
  }
}
