import type { BrowserWindow } from 'electron'
import { app, dialog, MessageChannelMain, Notification, powerMonitor } from 'electron'
import { join } from 'node:path'
import { shellChannels, type ShellSettings } from '#shared/api/shellCalls.ts'
import { appError } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { err, ok } from '#shared/result.ts'
import type { DataFolder } from '../launch/dataFolder.ts'
import type { Household } from '../launch/household.ts'
import { writeDiagnostics } from './diagnostics.ts'
import { createFinishWork } from './finishWork.ts'
import { chooseConfig, importConfig } from './imports/importConfig.ts'
import { offeredIn, type Offered } from './imports/offeredConfig.ts'
import { serveCalls } from './ipc/serveCalls.ts'
import type { ShellHandlers } from './ipc/answerCall.ts'
import { createKeepAwake } from './keepAwake.ts'
import { watchNode, type NodeWatch } from './nodeWatch.ts'
import type { ShellMemory } from './settings/settings.store.ts'
import { openTray } from './tray/tray.ts'
import { trayStateOf } from './tray/trayState.ts'
import { startUpdates } from './update/startUpdates.ts'
import { openWindow } from './window/openWindow.ts'
import { shellWords } from './words.ts'

export interface ShellOptions {
  house: Household
  data: DataFolder
  memory: ShellMemory
  iconFolder: string
  clock: Clock
  log: Logger
}

export interface Shell {
  showWindow(): void
  offer(argv: readonly string[]): void
  nodeDown(down: boolean): void
  /** Asks where something is rendered. False: the person wants to stay. */
  mayQuit(): Promise<boolean>
  stop(): void
}

/** Everything around the processes: window, tray, calls of the page, updates. */
export function openShell({ house, data, memory, iconFolder, clock, log }: ShellOptions): Shell {
  let window: BrowserWindow | null = null
  let route = ''
  let systemEnds = false
  let isOpen = false
  const keepAwake = createKeepAwake()
  const watch: NodeWatch = watchNode(house, clock, () => update())
  const work = createFinishWork(house, watch, memory, clock)
  work.goOn()
  const { service: updates, engine } = startUpdates({
    ...{ memory, cacheFolder: data.cache, clock, log: log.child('updates') },
    ...{ drain: (deadlineAt: number) => work.finish(deadlineAt), undrain: () => work.goOn() },
    onState: (state) => {
      // Told already while it is made.
      if (!isOpen) return
      tell({ kind: 'update', state: state as JsonObject })
      update()
    },
    isSystemEnding: () => systemEnds,
  })

  const tell = (event: JsonObject) => window?.webContents.send(shellChannels.event, event)
  function update(): void {
    tray.show(trayStateOf(watch.look(), watch.isDown(), updates.state()), memory.settings(), updates.state())
    keepAwake(memory.settings().keepAwake && (watch.look()?.activeTasks ?? 0) > 0)
  }
  function showWindow(): void {
    if (window !== null) {
      if (window.isMinimized()) window.restore()
      window.show()
      return window.focus()
    }
    window = openWindow(memory.place(), route, (place, lastRoute) => {
      memory.setPlace(place)
      route = lastRoute
    })
    window.on('closed', () => (window = null))
  }
  function change(part: Partial<ShellSettings>): ShellSettings {
    const settings = memory.change(part)
    if (part.openAtLogin !== undefined) app.setLoginItemSettings({ openAtLogin: part.openAtLogin, args: ['--hidden'] })
    if (part.updateChannel !== undefined) engine.setChannel(part.updateChannel)
    update()
    return settings
  }
  async function offer(offered: Offered | null) {
    if (offered === null) return ok({ imported: false })
    showWindow()
    return importConfig(house, offered)
  }
  async function exportDiagnostics(): Promise<string | null> {
    const { filePath } = await dialog.showSaveDialog({ defaultPath: 'pictor-diagnostics.txt' })
    if (!filePath) return null
    const facts = {
      app: app.getVersion(),
      ...process.versions,
      platform: process.platform,
      settings: memory.settings(),
      look: watch.look(),
    }
    writeDiagnostics(filePath, facts, data.logs)
    return filePath
  }

  const tray = openTray(iconFolder, {
    open: showWindow,
    pause: (kind, forMs) =>
      void house.askNode('computer.pause', { kind, ...(forMs === undefined ? {} : { untilMs: clock.now() + forMs }) }).then(watch.refresh),
    resume: () => void house.askNode('computer.resume', {}).then(watch.refresh),
    change,
    importConfig: () => void chooseConfig().then(offer),
    checkForUpdates: () => void updates.check(),
    download: () => void updates.download(),
    restart: () => void updates.restart(),
    diagnostics: () => void exportDiagnostics().catch((error: unknown) => log.warn('diagnostics', { reason: String(error) })),
    quit: () => app.quit(),
  })

  const handlers: ShellHandlers = {
    async 'runtime.openPort'({ nonce }) {
      const contents = window?.webContents
      if (!contents) return err(appError('NOT_ALLOWED'))
      const { port1, port2 } = new MessageChannelMain()
      if (!house.openWindow(port1)) return err(appError('PROCESS_FAILED', { name: 'runtime', reason: 'it is being started again' }))
      contents.postMessage(shellChannels.port, nonce, [port2])
      return ok(null)
    },
    'shell.get': async () =>
      ok({
        ...{ version: app.getVersion(), settings: memory.settings(), nodeDown: watch.isDown() },
        update: updates.state() as JsonObject,
      }),
    'settings.change': async (part) => ok(change(part as Partial<ShellSettings>)),
    'updates.check': async () => updates.check().then(() => ok(null)),
    'updates.download': async () => updates.download().then(() => ok(null)),
    'updates.restart': async () => updates.restart().then(() => ok(null)),
    'config.import': async () => offer(await chooseConfig()),
    'config.importFile': async ({ path }) => offer({ kind: 'file', path }),
    'diagnostics.export': async () => ok({ path: await exportDiagnostics() }),
  }
  const stopCalls = serveCalls(handlers, (event) => window !== null && event.sender === window.webContents)

  powerMonitor.on('resume', () => void watch.refresh())
  // Never an installer while the system goes down; quitting is the system's business then, nobody is asked.
  powerMonitor.on('shutdown', () => (systemEnds = true))

  isOpen = true
  update()

  return {
    showWindow,
    offer: (argv) => void offer(offeredIn(argv)),
    nodeDown(down) {
      watch.setDown(down)
      tell({ kind: 'node', down })
      if (down && memory.settings().notifications && Notification.isSupported())
        new Notification({ title: shellWords.title, body: shellWords.runtimeDown }).show()
    },
    async mayQuit() {
      await watch.refresh()
      if (systemEnds || updates.state().name === 'restarting' || (watch.look()?.activeTasks ?? 0) === 0) return true
      const { message, detail, finish, now, stay } = shellWords.quit
      const { response } = await dialog.showMessageBox({
        ...{ type: 'question', message, detail, buttons: [finish, now, stay], defaultId: 0, cancelId: 2 },
      })
      if (response === 2) return false
      if (response === 0) await work.finish(Number.POSITIVE_INFINITY)
      return true
    },
    stop() {
      updates.stop()
      watch.stop()
      stopCalls()
      keepAwake(false)
      tray.close()
      window?.destroy()
    },
  }
}

/** Icons lie beside the bundles. */
export const iconFolderIn = (outFolder: string): string => join(outFolder, 'icons')
