import { fileURLToPath } from 'node:url'
import { BrowserWindow, screen } from 'electron'
import { appOrigin } from '../page/appOrigin.ts'
import { denyPermissions, guardNavigation } from './guards.ts'
import { fitOnScreens, smallestWindow, type WindowPlace } from './windowPlace.ts'

/**
 * The dashboard's window, where it was when it was last open. Closing destroys it: no page is kept in memory behind the tray.
 * @param route the page it was on, e.g. `#/jobs`
 * @param onClose what to remember of it
 */
export function openWindow(
  saved: WindowPlace | null,
  route: string,
  title: string,
  onClose: (place: WindowPlace, route: string) => void,
): BrowserWindow {
  const screens = screen.getAllDisplays().map(({ workArea }) => workArea)
  const { maximized, ...bounds } = fitOnScreens(saved, screens)
  const window = new BrowserWindow({
    ...bounds,
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    show: false,
    autoHideMenuBar: true,
    title,
    webPreferences: {
      preload: fileURLToPath(new URL('../preload/preload.cjs', import.meta.url)),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
    },
  })
  if (maximized) window.maximize()
  denyPermissions(window.webContents.session)
  guardNavigation(window.webContents)
  window.once('ready-to-show', () => window.show())
  window.on('close', () => {
    const address = window.webContents.getURL()
    const place = { ...window.getNormalBounds(), maximized: window.isMaximized() }
    onClose(place, URL.canParse(address) ? new URL(address).hash : '')
  })
  window.loadURL(`${appOrigin}/${route}`).catch((error: unknown) => {
    // Closed while it was loading.
    if (!window.isDestroyed()) throw error
  })
  return window
}
