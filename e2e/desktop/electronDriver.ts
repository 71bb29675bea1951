import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { _electron } from '@playwright/test'
import type { BrowserWindow as Window } from 'electron'
import { killTree } from '../../desktop/launch/processTree.ts'
import { waitFor } from '../support/waitFor.ts'
import { isDashboard } from './dashboardPage.ts'
import type { DesktopApp, DialogView, LaunchDesktop, TrayView } from './driver.ts'
import { configFolderOf, loginEntryOf } from './loginEntry.ts'
import { describeProcesses } from './processes.ts'

const root = new URL('../..', import.meta.url).pathname
const recorder = new URL('./electronRecorder.cjs', import.meta.url).pathname
const startTimeoutMs = 90_000

/** What electronRecorder.cjs keeps inside of the app. */
interface Recorded {
  tray: TrayView | null
  clickTray(): void
  choose(path: string[]): void
  dialogs: (DialogView & { answer: (value: unknown) => void })[]
  openedOutside: string[]
  notifications: { title: string; body: string }[]
  awake: number
  loginItem: { openAtLogin: boolean; args: string[] }
  permission(name: string): [boolean, boolean]
}
declare global {
  var pictorRecorded: Recorded
}

/**
 * The Electron that is driven: its binary on the built bundles, or an app that was packed for tests (`npm run dist -- --dir --for-tests`), which has its
 * recorder inside and lets a debugger in.
 */
export type ElectronTarget = { kind: 'built'; binary: string } | { kind: 'packed'; executable: string }

/** The program and its arguments, without those that Playwright adds. */
function commandOf(target: ElectronTarget, { data, args = [], outFolder = join(root, 'out') }: LaunchDesktop) {
  // A Mac's own keychain would ask the person at the screen.
  const own = [`--data=${data}`, ...(process.platform === 'darwin' ? ['--use-mock-keychain'] : []), ...args]
  if (target.kind === 'packed') return { executablePath: target.executable, before: [], own }
  return { executablePath: target.binary, before: ['-r', recorder, join(outFolder, 'main/main.js')], own }
}

/** The real Electron. What a test cannot see from outside (tray, native dialogs) is recorded by a script that runs before the app. */
export async function launchOnElectron(target: ElectronTarget, options: LaunchDesktop): Promise<DesktopApp> {
  const { executablePath, before, own } = commandOf(target, options)
  const given = {
    ...process.env,
    XDG_CONFIG_HOME: configFolderOf(options.data),
    ...options.environment,
    ...(options.withoutKeychain === true ? { PICTOR_TEST_KEYCHAIN: 'none' } : {}),
  }
  const env = Object.fromEntries(Object.entries(given).filter((one): one is [string, string] => one[1] !== undefined))
  const app = await _electron.launch({ executablePath, args: [...before, ...own], env, cwd: root, timeout: startTimeoutMs })
  const child = app.process()
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve))
  const ownPage = () => app.windows().find(isDashboard) ?? null
  return {
    pid: child.pid ?? 0,
    ...{ exited, output: () => output },
    async page() {
      const page = await waitFor('the window', ownPage, startTimeoutMs)
      page.setDefaultTimeout(15_000)
      return page
    },
    windows: () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length),
    processes: async () =>
      describeProcesses(
        await app.evaluate((electronModule) => electronModule.app.getAppMetrics().map(({ pid, type, name = '' }) => ({ pid, type, name }))),
      ),
    async closeWindow() {
      await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
      await waitFor('the window to be gone', () => ownPage() === null, startTimeoutMs)
    },
    moveWindow: (to) => app.evaluate(({ BrowserWindow }, bounds) => BrowserWindow.getAllWindows()[0]?.setBounds(bounds), to),
    windowBounds: () =>
      app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getNormalBounds() ?? { x: 0, y: 0, width: 0, height: 0 }),
    tray: () => waitFor('the tray', () => app.evaluate(() => pictorRecorded.tray), startTimeoutMs),
    trayClick: () => app.evaluate(() => pictorRecorded.clickTray()),
    choose: (...path) => app.evaluate((_electronModule, labels) => pictorRecorded.choose(labels), path),
    dialogs: () =>
      app.evaluate(() => pictorRecorded.dialogs.map(({ kind, message, detail, buttons }) => ({ kind, message, detail, buttons }))),
    async answer(choice) {
      await waitFor('a dialog', () => app.evaluate(() => pictorRecorded.dialogs.length > 0))
      await app.evaluate((_electronModule, chosen) => {
        const dialog = pictorRecorded.dialogs.shift()
        if (dialog?.kind === 'message') dialog.answer({ response: dialog.buttons.indexOf(String(chosen)), checkboxChecked: false })
        else dialog?.answer({ canceled: chosen.length === 0, filePaths: chosen, filePath: chosen[0] })
      }, choice)
    },
    seen: () =>
      app.evaluate(() => ({
        openedOutside: pictorRecorded.openedOutside,
        notifications: pictorRecorded.notifications,
        outsideRequests: [],
        awake: pictorRecorded.awake,
      })),
    power: (event) =>
      app.evaluate(({ powerMonitor }, name) => void (powerMonitor as NodeJS.EventEmitter).emit(name, { preventDefault() {} }), event),
    loginItem: async () => (process.platform === 'linux' ? loginEntryOf(options.data) : app.evaluate(() => pictorRecorded.loginItem)),
    openUrl: (url) => app.evaluate((electronModule, link) => void electronModule.app.emit('open-url', { preventDefault() {} }, link), url),
    openFile: (path) =>
      app.evaluate((electronModule, file) => void electronModule.app.emit('open-file', { preventDefault() {} }, file), path),
    permission: (name) => app.evaluate((_electronModule, permission) => pictorRecorded.permission(permission), name),
    callFromForeignWindow: (name, input) =>
      app.evaluate(
        async ({ app: own, BrowserWindow }, call) => {
          // The packed app has its preload script inside of its archive.
          const preload = own.isPackaged ? `${own.getAppPath()}/out/preload/preload.cjs` : call.preload
          const window: Window = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } })
          await window.loadURL('data:text/html,<title>evil</title>')
          const answer: unknown = await window.webContents.executeJavaScript(
            `pictorShell.call(${JSON.stringify(call.name)}, ${JSON.stringify(call.input)})`,
          )
          window.destroy()
          return answer
        },
        { preload: join(options.outFolder ?? join(root, 'out'), 'preload/preload.cjs'), name, input },
      ),
    startAgain: (more = []) => {
      // As Playwright does: Chromium's sandbox does not start everywhere on Linux.
      const sandbox = process.platform === 'linux' ? ['--no-sandbox'] : []
      const second = spawn(executablePath, [...sandbox, ...before, ...own, ...more], { env, cwd: root, stdio: 'ignore' })
      return new Promise((resolve) => second.on('close', resolve))
    },
    // The app may be gone before it has answered.
    quit: () => app.evaluate((electronModule) => electronModule.app.quit()).catch(() => undefined),
    async kill() {
      if (child.exitCode === null && child.signalCode === null) killTree(child.pid ?? 0)
      await exited
    },
  }
}
