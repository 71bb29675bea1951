import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { chromium, type Browser, type Page } from '@playwright/test'
import { descendants } from '../../desktop/launch/processTree.ts'
import { waitFor } from '../support/waitFor.ts'
import { isDashboard } from './dashboardPage.ts'
import type { DesktopApp, DialogView, LaunchDesktop, TrayView } from './driver.ts'
import { configFolderOf, loginEntryOf } from './loginEntry.ts'
import { describeProcesses, type ProcessMetric } from './processes.ts'

const root = new URL('../..', import.meta.url).pathname
const register = new URL('./host/register.ts', import.meta.url).pathname
const startTimeoutMs = 90_000

/** Null: a page was closed while Playwright was getting to know it, as Chromium's own first one is. */
const connect = (address: string): Promise<Browser | null> =>
  chromium.connectOverCDP(address).catch((thrown: unknown) => {
    if (thrown instanceof Error && thrown.message.includes('has been closed')) return null
    throw thrown
  })

/** The built bundles of the app in plain Node, with the module `electron` played by the host in `host/`. */
export async function launchOnChromiumHost(options: LaunchDesktop): Promise<DesktopApp> {
  const outFolder = options.outFolder ?? join(root, 'out')
  const start = (args: string[]) =>
    spawn(process.execPath, ['--no-warnings', '--import', register, join(outFolder, 'main/main.js'), `--data=${options.data}`, ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        XDG_CONFIG_HOME: configFolderOf(options.data),
        ...options.environment,
        ...(options.withoutKeychain === true ? { PICTOR_HOST_KEYCHAIN: 'none' } : {}),
      },
      cwd: root,
    })
  const child = start(options.args ?? [])
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve))
  const ask = createAsk(child, exited)
  let browser: Browser | null = null
  /** The window that was handed out last: known here as open for a moment after the app has closed it. */
  let shown: Page | null = null

  async function page(): Promise<Page> {
    await waitFor('a window', async () => ((await ask('windows')) as number) > 0, startTimeoutMs)
    const address = await waitFor('the browser', () => ask('debugAddress').then(String, () => null), startTimeoutMs)
    browser ??= await waitFor('a connection to the browser', () => connect(address), startTimeoutMs)
    const find = () =>
      browser
        ?.contexts()
        .flatMap((context) => context.pages())
        .find(isDashboard)
    const found = await waitFor('the page', async () => find() ?? null, startTimeoutMs)
    found.setDefaultTimeout(15_000)
    shown = found
    return found
  }

  return {
    pid: child.pid ?? 0,
    ...{ page, exited, output: () => output },
    windows: () => ask('windows') as Promise<number>,
    processes: async () => describeProcesses((await ask('metrics')) as ProcessMetric[]),
    async closeWindow() {
      await ask('closeWindow')
      await waitFor('the window to be gone', () => shown === null || shown.isClosed(), startTimeoutMs)
    },
    moveWindow: async ({ x, y, width, height }) => void (await ask('moveWindow', x, y, width, height)),
    windowBounds: () => ask('windowBounds') as ReturnType<DesktopApp['windowBounds']>,
    tray: () => waitFor('the tray', () => ask('tray') as Promise<TrayView | null>, startTimeoutMs),
    trayClick: async () => void (await ask('trayClick')),
    choose: async (...path) => void (await ask('menuClick', ...path)),
    dialogs: () => ask('dialogs') as Promise<DialogView[]>,
    async answer(choice) {
      await waitFor('a dialog', async () => ((await ask('dialogs')) as DialogView[]).length > 0)
      await ask('answerDialog', choice)
    },
    seen: () => ask('seen') as ReturnType<DesktopApp['seen']>,
    power: async (event) => void (await ask('power', event)),
    loginItem: async () => loginEntryOf(options.data),
    openUrl: async (url) => void (await ask('openUrl', url)),
    openFile: async (path) => void (await ask('openFile', path)),
    permission: (name) => ask('permission', name) as ReturnType<DesktopApp['permission']>,
    callFromForeignWindow: (name, input) => ask('callFromForeignWindow', join(outFolder, 'preload/preload.cjs'), name, input),
    async startAgain(args = []) {
      const second = start(args)
      return new Promise((resolve) => second.on('close', resolve))
    },
    // The app may be gone before it has answered.
    quit: async () => void (await ask('quit').catch(() => undefined)),
    async kill() {
      await browser?.close().catch(() => undefined)
      if (child.exitCode !== null || child.signalCode !== null) return
      for (const pid of [...descendants(child.pid ?? 0), child.pid ?? 0]) {
        try {
          process.kill(pid, 'SIGKILL')
        } catch {
          // Gone already.
        }
      }
      await exited
    },
  }
}

/** Questions to the host, over the channel of its process. */
function createAsk(child: ChildProcess, exited: Promise<unknown>) {
  const waiting = new Map<number, (answer: { ok: boolean; value: unknown }) => void>()
  let last = 0
  child.on('message', (message: { id: number; ok: boolean; value: unknown }) => {
    waiting.get(message.id)?.(message)
    waiting.delete(message.id)
  })
  return async (name: string, ...args: unknown[]): Promise<unknown> => {
    const id = (last += 1)
    const answer = new Promise<{ ok: boolean; value: unknown }>((resolve) => waiting.set(id, resolve))
    child.send({ id, name, args }, () => undefined)
    const given = await Promise.race([answer, exited.then(() => ({ ok: false, value: 'the app has ended' }))])
    if (!given.ok) throw new Error(`${name}: ${String(given.value)}`)
    return given.value
  }
}
