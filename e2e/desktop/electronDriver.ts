import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { _electron } from '@playwright/test'
import type { BrowserWindow as Window } from 'electron'
import { waitFor } from '../support/waitFor.ts'
import type { DesktopApp, DialogView, LaunchDesktop, TrayView } from './driver.ts'

const root = new URL('../..', import.meta.url).pathname
const recorder = new URL('./electronRecorder.cjs', import.meta.url).pathname

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

/** The real Electron on the built bundles. What a test cannot see from outside (tray, native dialogs) is recorded by a script loaded before the app. */
export async function launchOnElectron(binary: string, options: LaunchDesktop): Promise<DesktopApp> {
  const outFolder = options.outFolder ?? join(root, 'out')
  const args = ['-r', recorder, join(outFolder, 'main/main.js'), `--data=${options.data}`, ...(options.args ?? [])]
  const environment = Object.fromEntries(Object.entries({ ...process.env, ...options.environment }).filter((one) => one[1] !== undefined))
  const app = await _electron.launch({ executablePath: binary, args, env: environment as Record<string, string>, cwd: root })
  const child = app.process()
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve))
  return {
    pid: child.pid ?? 0,
    ...{ exited, output: () => output },
    page: () => app.firstWindow(),
    windows: () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length),
    closeWindow: () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close()),
    tray: () => waitFor('the tray', () => app.evaluate(() => pictorRecorded.tray)),
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
    loginItem: () => app.evaluate(() => pictorRecorded.loginItem),
    openUrl: (url) => app.evaluate((electronModule, link) => void electronModule.app.emit('open-url', { preventDefault() {} }, link), url),
    openFile: (path) =>
      app.evaluate((electronModule, file) => void electronModule.app.emit('open-file', { preventDefault() {} }, file), path),
    permission: (name) => app.evaluate((_electronModule, permission) => pictorRecorded.permission(permission), name),
    callFromForeignWindow: (name, input) =>
      app.evaluate(
        async ({ BrowserWindow }, call) => {
          const window: Window = new BrowserWindow({ show: false, webPreferences: { preload: call.preload, sandbox: true } })
          await window.loadURL('data:text/html,<title>evil</title>')
          const answer: unknown = await window.webContents.executeJavaScript(
            `pictorShell.call(${JSON.stringify(call.name)}, ${JSON.stringify(call.input)})`,
          )
          window.destroy()
          return answer
        },
        { preload: join(outFolder, 'preload/preload.cjs'), name, input },
      ),
    startAgain: (more = []) =>
      new Promise((resolve) => spawn(binary, [join(outFolder, 'main/main.js'), `--data=${options.data}`, ...more]).on('close', resolve)),
    quit: () => app.evaluate((electronModule) => electronModule.app.quit()).catch(() => undefined),
    async kill() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exited
    },
  }
}
