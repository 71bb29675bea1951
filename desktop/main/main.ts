import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { app, dialog } from 'electron'
import { toAppError } from '#shared/errors/appError.ts'
import { lockDataFolder, openDataFolder } from '../launch/dataFolder.ts'
import { recallHousehold } from '../launch/firstStart.ts'
import { startHousehold, type Household } from '../launch/household.ts'
import { systemClock } from '../launch/systemClock.ts'
import { appLog } from './appLog.ts'
import { isStartedHidden } from './login/loginStart.ts'
import { createNodeDoor } from './nodeDoor.ts'
import { registerAppScheme, serveApp } from './page/appProtocol.ts'
import { createPageProxy } from './page/pageProxy.ts'
import { openKeychain } from './secrets/keychain.ts'
import { openShellMemory } from './settings/settings.store.ts'
import { iconFolderIn, openShell, type Shell } from './shell.ts'
import { runAsUpscaler, upscalerSwitch } from './upscaler/runAsUpscaler.ts'
import { utilityLauncher } from './utilityLauncher.ts'
import { speechIn, type Speech } from './words/speech.ts'

/** Until it is known what the person chose. */
let speech = (): Speech => speechIn('system', app.getPreferredSystemLanguages())

/**
 * The desktop app: window and tray around the same processes that `pictor up` starts. No rules of the product here.
 * Order: one instance → data folder → tray and window, and beside them gateway and node; stopped in reverse.
 */
async function main(): Promise<void> {
  const outFolder = fileURLToPath(new URL('..', import.meta.url))
  if (process.argv.includes(`--${upscalerSwitch}`)) return runAsUpscaler(outFolder)
  registerAppScheme()
  app.enableSandbox()
  const asked = app.commandLine.getSwitchValue('data')
  // Two data folders are two instances.
  if (asked !== '') app.setPath('userData', join(asked, 'shell'))
  if (!app.requestSingleInstanceLock()) return app.quit()
  let shell: Shell | null = null
  // Files and links may come before anything is up.
  const waiting: string[][] = [process.argv.slice(1)]
  const offer = (argv: string[]) => (shell === null ? void waiting.push(argv) : shell.offer(argv))
  app.on('open-file', (event, path) => {
    event.preventDefault()
    offer([path])
  })
  app.on('open-url', (event, url) => {
    event.preventDefault()
    offer([url])
  })
  app.on('second-instance', (_event, argv) => {
    shell?.showWindow()
    offer(argv)
  })
  app.on('activate', () => shell?.showWindow())
  // The worker goes on in the tray.
  app.on('window-all-closed', () => undefined)
  app.setAsDefaultProtocolClient('pictor')
  // Windows shows notifications only of an app with this name.
  app.setAppUserModelId('network.pictor.worker')
  app.setAboutPanelOptions({ applicationName: app.getName(), applicationVersion: app.getVersion(), copyright: '© Pictor Network' })
  await app.whenReady()

  const data = openDataFolder(asked || app.getPath('userData'))
  const unlock = lockDataFolder(data.path)
  const memory = openShellMemory(data.path, randomUUID)
  speech = () => speechIn(memory.settings().language, app.getPreferredSystemLanguages())
  const log = appLog(join(data.logs, 'app.log'))
  const keychain = await openKeychain(data.path, memory, speech().words.keychain)
  if (keychain === null) {
    unlock()
    return app.quit()
  }
  const door = createNodeDoor()
  serveApp(join(outFolder, 'renderer'), createPageProxy(door))
  const open = openShell({
    house: door,
    data,
    memory,
    speech,
    secrets: keychain === 'files' ? 'files' : 'keychain',
    iconFolder: iconFolderIn(outFolder),
    isFirstStart: recallHousehold(data.path).nodeId === null,
    clock: systemClock,
    log,
  })
  shell = open
  // The window does not wait for the processes: it says what is being started.
  if (!isStartedHidden(process.argv)) open.showWindow()
  for (const argv of waiting) open.offer(argv)

  const givenUp = new AbortController()
  const starting = startHousehold({
    ...(keychain === 'files' ? {} : { keychain }),
    ...{ data, launcher: utilityLauncher, log, clock: systemClock, random: Math.random, couchUrl: null, pagePort: 0, outFolder },
    signal: givenUp.signal,
    onStarting: (parts) => open.nowStarting(parts),
    onNode(event) {
      if (event.kind === 'up') door.enter(event.node)
      open.nodeIs(event.kind)
    },
  })

  let state: 'running' | 'asking' | 'stopped' = 'running'
  app.on('before-quit', (event) => {
    if (state === 'stopped') return
    event.preventDefault()
    if (state === 'asking') return
    state = 'asking'
    void end()
  })
  async function end(): Promise<void> {
    if (!(await open.mayQuit())) return void (state = 'running')
    open.stop()
    givenUp.abort()
    // One that does not start has stopped what it had started.
    const house = await starting.catch((): Household | null => null)
    await house?.stop()
    unlock()
    state = 'stopped'
    app.quit()
  }
  await starting.catch((error: unknown) => {
    if (!givenUp.signal.aborted) throw error
  })
}

main().catch((error: unknown) => {
  dialog.showErrorBox(speech().words.title, speech().error(toAppError(error)))
  app.exit(1)
})
