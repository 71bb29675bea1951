import { app, MessageChannelMain, powerMonitor, type BrowserWindow } from 'electron'
import { join } from 'node:path'
import {
  shellChannels,
  type NodeProcess,
  type ShellEvent,
  type ShellSettings,
  type ShellState,
  type StartingPart,
} from '#shared/api/shellCalls.ts'
import { appError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { err, ok } from '#shared/result.ts'
import type { DataFolder } from '../launch/dataFolder.ts'
import { createNodeDrain } from '../launch/updates/drainNode.ts'
import type { ShellActions } from './actions.ts'
import { exportDiagnostics } from './diagnostics.ts'
import { createFinishWork } from './finishWork.ts'
import { chooseConfig, importConfig } from './imports/importConfig.ts'
import { offeredIn, type Offered } from './imports/offeredConfig.ts'
import type { ShellHandlers } from './ipc/answerCall.ts'
import { serveCalls } from './ipc/serveCalls.ts'
import { createKeepAwake } from './keepAwake.ts'
import { renewStartAtLogin, setStartAtLogin } from './login/loginStart.ts'
import { showMenuBar } from './menu/menuBar.ts'
import type { NodeDoor } from './nodeDoor.ts'
import { watchNode, type NodeWatch } from './nodeWatch.ts'
import { createNotices } from './notices.ts'
import { watchPower } from './power.ts'
import { askToQuit } from './quit.ts'
import type { ShellMemory } from './settings/settings.store.ts'
import { openTray } from './tray/tray.ts'
import { trayStateOf } from './tray/trayState.ts'
import { startUpdates } from './update/startUpdates.ts'
import { openWindow } from './window/openWindow.ts'
import type { Speech } from './words/speech.ts'

export interface ShellOptions {
  /** The node, which may still be starting. */
  house: NodeDoor
  data: DataFolder
  memory: ShellMemory
  /** In the language that counts now. */
  speech: () => Speech
  secrets: ShellState['secrets']
  iconFolder: string
  /** Nothing was ever started on this data folder: the window opens on the set-up. */
  isFirstStart: boolean
  clock: Clock
  log: Logger
}

export interface Shell {
  showWindow(): void
  offer(argv: readonly string[]): void
  nodeIs(state: NodeProcess): void
  /** What the start still waits for. */
  nowStarting(parts: readonly StartingPart[]): void
  /** Asks where something is rendered. False: the person wants to stay. */
  mayQuit(): Promise<boolean>
  stop(): void
}

/** Everything around the processes: window, tray, menus, calls of the page, what the system tells, updates. */
export function openShell({ house, data, memory, speech, secrets, iconFolder, isFirstStart, clock, log }: ShellOptions): Shell {
  let window: BrowserWindow | null = null
  let route = isFirstStart ? '#/welcome' : memory.route()
  let starting: readonly StartingPart[] = []
  let systemEnds = false
  let isOpen = false
  const keepAwake = createKeepAwake()
  const watch: NodeWatch = watchNode(house, clock, () => update())
  const power = watchPower(clock, (event) => void house.askNode('system.event', event))
  const work = createFinishWork(house, watch, memory, clock)
  void house.here.then(() => work.goOn())
  const { service: updates, engine } = startUpdates({
    ...{ memory, cacheFolder: data.cache, clock, log: log.child('updates') },
    ...createNodeDrain({ askNode: (name, input) => house.askNode(name, input), isOver: () => systemEnds, clock, log }),
    // Told already while it is made.
    onState: () => update(),
    isSystemEnding: () => systemEnds,
  })

  const state = (): ShellState => ({
    ...{ version: app.getVersion(), settings: memory.settings(), node: watch.process(), starting, update: updates.state(), secrets },
  })
  const tell = (event: ShellEvent) => window?.webContents.send(shellChannels.event, event)
  let told = ''
  function update(): void {
    // The tray is not there yet, or is gone.
    if (!isOpen) return
    const now = trayStateOf(watch.look(), watch.process(), updates.state(), speech())
    tray.show(now, memory.settings(), updates.state(), speech().words)
    notices.look({ node: watch.process(), tray: now, update: updates.state() })
    keepAwake(memory.settings().keepAwake && (watch.look()?.activeTasks ?? 0) > 0)
    power.watchUser(watch.look()?.watchesUser === true)
    const news = JSON.stringify(state())
    if (news === told) return
    told = news
    tell({ kind: 'state', state: state() })
    showMenuBar(speech().words, updates.state(), actions, process.platform)
  }
  function showWindow(page?: string): void {
    if (window !== null) {
      if (page !== undefined) tell({ kind: 'go', route: page })
      if (window.isMinimized()) window.restore()
      window.show()
      return window.focus()
    }
    if (page !== undefined) route = `#${page}`
    window = openWindow(memory.place(), route, speech().words.title, (place, lastRoute) => {
      memory.setPlace(place, lastRoute)
      route = lastRoute
    })
    // Windows tells a window that the session ends; without one the app is ended with everything else.
    window.on('session-end', () => systemGoesDown())
    window.on('closed', () => (window = null))
  }
  function startsAtLogin(set: () => void): boolean {
    try {
      set()
      return true
    } catch (error) {
      failed('start at login')(error)
      return false
    }
  }
  function change({ openAtLogin, ...part }: Partial<ShellSettings>): ShellSettings {
    // What the system did not take is not shown as taken.
    const isTaken = openAtLogin !== undefined && startsAtLogin(() => setStartAtLogin(openAtLogin))
    const settings = memory.change({ ...part, ...(isTaken ? { openAtLogin } : {}) })
    if (part.updateChannel !== undefined) engine.setChannel(part.updateChannel)
    update()
    return settings
  }
  async function offer(offered: Offered | null): Promise<void> {
    if (offered === null) return
    showWindow()
    // A double click may be what the app was started by.
    await house.here
    await importConfig(house, offered, speech())
  }
  const diagnostics = () => exportDiagnostics({ data, speech: speech(), facts: { ...state(), look: watch.look() } })
  const failed = (what: string) => (error: unknown) => log.warn(what, { reason: String(error) })
  function systemGoesDown(): void {
    if (systemEnds) return
    systemEnds = true
    app.quit()
  }

  const actions: ShellActions = {
    open: showWindow,
    pause: (kind, forMs) =>
      void house.askNode('computer.pause', { kind, ...(forMs === undefined ? {} : { untilMs: clock.now() + forMs }) }).then(watch.refresh),
    resume: () => void house.askNode('computer.resume', {}).then(watch.refresh),
    startNode: () => house.startNodeAgain(),
    change,
    importConfig: () => void chooseConfig(speech().words).then(offer).catch(failed('import')),
    checkForUpdates: () => void updates.check(),
    download: () => void updates.download(),
    restart: () => void updates.restart(),
    diagnostics: () => void diagnostics().catch(failed('diagnostics')),
    about: () => app.showAboutPanel(),
    quit: () => app.quit(),
  }
  const tray = openTray(iconFolder, actions)
  const notices = createNotices(() => memory.settings(), speech, showWindow)

  const handlers: ShellHandlers = {
    async 'runtime.openPort'({ nonce }) {
      const contents = window?.webContents
      if (!contents) return err(appError('NOT_ALLOWED'))
      const { port1, port2 } = new MessageChannelMain()
      if (!house.openWindow(port1)) return err(appError('PROCESS_FAILED', { name: 'runtime', reason: 'it is being started again' }))
      contents.postMessage(shellChannels.port, nonce, [port2])
      return ok(null)
    },
    'shell.get': async () => ok(state()),
    // Safe: what is undefined was not given, and the parsed input has no such field.
    'settings.change': async (part) => ok(change(part as Partial<ShellSettings>)),
    'updates.check': async () => updates.check().then(() => ok(null)),
    'updates.download': async () => updates.download().then(() => ok(null)),
    // Draining may take hours: the state tells how it goes on.
    'updates.restart': async () => {
      void updates.restart()
      return ok(null)
    },
    'node.startAgain': async () => {
      house.startNodeAgain()
      return ok(null)
    },
    'diagnostics.export': async () => ok({ path: await diagnostics() }),
  }
  const stopCalls = serveCalls(handlers, (event) => window !== null && event.sender === window.webContents)

  powerMonitor.on('resume', () => void watch.refresh())
  // Never an installer while the system goes down; quitting is the system's business then, nobody is asked.
  powerMonitor.on('shutdown', (event?: Electron.Event) => {
    // Linux and macOS wait for the app to end in order.
    event?.preventDefault()
    systemGoesDown()
  })

  startsAtLogin(renewStartAtLogin)
  isOpen = true
  update()

  return {
    showWindow,
    offer: (argv) => void offer(offeredIn(argv)).catch(failed('import')),
    nodeIs(process) {
      watch.setProcess(process)
      if (process === 'up') power.tellAgain()
    },
    nowStarting(parts) {
      starting = parts
      update()
    },
    async mayQuit() {
      await watch.refresh()
      if (systemEnds || updates.state().name === 'restarting' || (watch.look()?.activeTasks ?? 0) === 0) return true
      return askToQuit(speech().words.quit, work)
    },
    stop() {
      isOpen = false
      updates.stop()
      watch.stop()
      power.stop()
      stopCalls()
      keepAwake(false)
      tray.close()
      window?.destroy()
    },
  }
}

/** Icons lie beside the bundles. */
export const iconFolderIn = (outFolder: string): string => join(outFolder, 'icons')
