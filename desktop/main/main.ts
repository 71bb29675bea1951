import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { app, BrowserWindow, dialog } from 'electron'
import { AppErrorException, toAppError } from '#shared/errors/appError.ts'
import { lockDataFolder, openDataFolder } from '../launch/dataFolder.ts'
import { startHousehold, type Household } from '../launch/household.ts'
import { systemClock } from '../launch/systemClock.ts'
import { appLog } from './appLog.ts'
import { utilityLauncher } from './utilityLauncher.ts'
import { openWindow } from './window.ts'

/**
 * The desktop app: a window over the same processes that `pictor up` starts. No rules of the product here.
 * Order: one instance → data folder → gateway and node → window; stopped in reverse.
 */
async function main(): Promise<void> {
  if (!app.requestSingleInstanceLock()) return app.quit()
  app.enableSandbox()
  await app.whenReady()
  const data = openDataFolder(app.commandLine.getSwitchValue('data') || app.getPath('userData'))
  const unlock = lockDataFolder(data.path)
  const log = appLog(join(data.logs, 'app.log'))
  const house = await startHousehold({
    ...{ data, launcher: utilityLauncher, log, clock: systemClock, random: Math.random, couchUrl: null, pagePort: 0 },
    outFolder: fileURLToPath(new URL('..', import.meta.url)),
  })
  await showWindow(house)
  app.on('second-instance', () => void showWindow(house))
  app.on('activate', () => void showWindow(house))
  app.on('window-all-closed', () => app.quit())

  let stopped = false
  app.on('before-quit', (event) => {
    if (stopped) return
    event.preventDefault()
    void house.stop().then(() => {
      stopped = true
      unlock()
      app.quit()
    })
  })
}

/** Shows the window, or makes one with a fresh link: the last one was used up by the last window. */
async function showWindow(house: Household): Promise<void> {
  const [open] = BrowserWindow.getAllWindows()
  if (open) {
    if (open.isMinimized()) open.restore()
    return open.focus()
  }
  const answer = await house.askNode('page.link', {})
  if (!answer.ok) throw new AppErrorException(answer.error)
  openWindow(house.pageUrl, (answer.value as { link: string }).link)
}

main().catch((error: unknown) => {
  dialog.showErrorBox('Pictor Worker', toAppError(error).message)
  app.exit(1)
})
