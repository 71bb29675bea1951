import { fileURLToPath } from 'node:url'
import { BrowserWindow } from 'electron'
import { denyPermissions, guardNavigation } from './guards.ts'

/** The dashboard's window on the page of this computer's node. `link` signs it in once. */
export function openWindow(pageUrl: string, link: string): BrowserWindow {
  const window = new BrowserWindow({
    width: 1280,
    height: 820,
    minWidth: 720,
    minHeight: 480,
    show: false,
    autoHideMenuBar: true,
    title: 'Pictor Worker',
    webPreferences: {
      preload: fileURLToPath(new URL('../preload/preload.cjs', import.meta.url)),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      spellcheck: false,
    },
  })
  denyPermissions(window.webContents.session)
  guardNavigation(window.webContents, pageUrl)
  window.once('ready-to-show', () => window.show())
  void window.loadURL(link)
  return window
}
