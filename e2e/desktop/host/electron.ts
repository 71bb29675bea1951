/**
 * The module `electron` for a machine without Electron's binary: real Chromium windows, everything else played by this host. Test equipment;
 * no part of it ships, and none of it knows the product.
 *
 * Each export has the type of a subset of Electron's own: build/desktopHost.test.ts type-checks desktop/main against this file, so that a call which the
 * host lacks breaks the build instead of passing quietly.
 *
 * Where it differs from Electron, knowingly:
 * - a scheme of ours is an intercepted https origin (addresses.ts): `location.origin` is that one, and TLS, mixed content and cookies are those of https;
 * - requests to anywhere else are answered with an empty page and noted: no test reaches the internet;
 * - `will-navigate` comes when the request of a navigation is stopped, so not for schemes that Chromium itself refuses (file:, javascript:, smb:);
 * - `will-redirect` and `will-attach-webview` never come; a window that a page opens is asked for before it is made, as in Electron, but exists for a moment
 *   whatever is answered;
 * - `getAppMetrics` tells of Chromium's processes as this system does; one renderer without a page is kept by Chromium for the next one;
 * - the preload runs in an isolated world of Chromium, not in a sandboxed renderer with Electron's own globals; values cross as JSON;
 * - `executeInMainWorld` runs at the start of the document and returns nothing;
 * - utility processes are plain Node processes: the fuse that forbids `runAsNode` is not in force, native modules are Node's;
 * - message ports between processes go through this process; sizes, focus, minimising and screens are remembered, not shown;
 * - the keychain locks nothing: what is handed to it is turned around;
 * - permissions, power, tray, menus, dialogs, notifications, the about panel are lists that a test looks at and answers; the roles and
 *   shortcuts of menus do nothing;
 * - the single-instance lock is a file of the data folder; `net.request` is Node's, without the system's proxies and certificates; `codeCache` of a scheme
 *   is taken and does nothing; `session-end` never comes; there is always one display; languages come from the environment;
 *   the list of what starts at log-in does nothing, as in Electron on Linux.
 */
import { request as plainRequest } from 'node:http'
import type * as Electron from 'electron'
import { hostApp, setting } from './app.ts'
import { addScheme } from './addresses.ts'
import { HostBrowserWindow } from './browserWindow.ts'
import { schemeHandlers } from './chromium.ts'
import { startControl } from './control.ts'
import {
  HostNotification,
  hostDialog,
  HostTray,
  hostPowerMonitor,
  hostPowerSaveBlocker,
  seen,
  showBar,
  type HostMenu,
} from './desktopParts.ts'
import { hostIpcMain } from './ipcMain.ts'
import { HostPort } from './ports.ts'
import { hostUtilityProcess } from './utilityProcess.ts'
import { hostSession } from './webContents.ts'

type Parts<Whole, Names extends keyof Whole> = Pick<Whole, Names>
/** The host's classes carry the subset of Electron's types that they play; what a method does is checked by the tests. */
const as = <Type>(value: unknown): Type => value as Type

export const app = as<
  Parts<
    Electron.App,
    | ('on' | 'quit' | 'exit' | 'relaunch' | 'whenReady' | 'enableSandbox' | 'requestSingleInstanceLock' | 'isPackaged')
    | ('getPath' | 'setPath' | 'getVersion' | 'getName' | 'getAppPath' | 'setAsDefaultProtocolClient' | 'setLoginItemSettings')
    | 'getLoginItemSettings'
    | ('getPreferredSystemLanguages' | 'setAppUserModelId' | 'setAboutPanelOptions' | 'showAboutPanel' | 'getAppMetrics')
  > & { commandLine: Parts<Electron.CommandLine, 'getSwitchValue'> }
>(hostApp)

export const session = { defaultSession: hostSession }
export type Session = Parts<Electron.Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'>
export type WebContents = Parts<Electron.WebContents, 'on' | 'setWindowOpenHandler' | 'getURL' | 'send'> & {
  session: Session
  postMessage(channel: string, message: unknown, transfer?: MessagePortMain[]): void
}
export type BrowserWindow = Parts<
  Electron.BrowserWindow,
  | ('on' | 'once' | 'loadURL' | 'show' | 'hide' | 'focus' | 'close' | 'destroy' | 'isDestroyed' | 'isVisible')
  | ('isMinimized' | 'restore' | 'maximize' | 'isMaximized' | 'getNormalBounds' | 'setBounds')
> & { webContents: WebContents }
export const BrowserWindow = as<{
  new (options?: Electron.BrowserWindowConstructorOptions): BrowserWindow
  getAllWindows(): BrowserWindow[]
}>(HostBrowserWindow)

export type MessagePortMain = Parts<Electron.MessagePortMain, 'on' | 'postMessage' | 'start' | 'close'>
export const MessageChannelMain = as<new () => { port1: MessagePortMain; port2: MessagePortMain }>(
  class {
    readonly port1: HostPort
    readonly port2: HostPort
    constructor() {
      ;[this.port1, this.port2] = HostPort.pair()
    }
  },
)

export type IpcMainInvokeEvent = { sender: WebContents; senderFrame: { url: string; parent: unknown } | null }
export const ipcMain = as<{
  handle(channel: string, handler: (event: IpcMainInvokeEvent, ...args: unknown[]) => unknown): void
  removeHandler(channel: string): void
}>(hostIpcMain)

export type UtilityProcess = Parts<Electron.UtilityProcess, 'on' | 'once' | 'pid' | 'stdout' | 'stderr' | 'kill'> & {
  postMessage(message: unknown, transfer?: MessagePortMain[]): void
}
export const utilityProcess = as<{ fork(script: string, args?: string[], options?: Electron.ForkOptions): UtilityProcess }>(
  hostUtilityProcess,
)

export const protocol = as<Parts<Electron.Protocol, 'registerSchemesAsPrivileged' | 'handle'>>({
  registerSchemesAsPrivileged: (schemes: Electron.CustomScheme[]) => schemes.forEach(({ scheme }) => addScheme(scheme)),
  handle: (scheme: string, handler: (request: Request) => Response | Promise<Response>) => void schemeHandlers.set(scheme, handler),
})

export const shell = as<Parts<Electron.Shell, 'openExternal'>>({
  openExternal: async (address: string) => void seen.openedOutside.push(address),
})
export const dialog = as<Parts<Electron.Dialog, 'showMessageBox' | 'showOpenDialog' | 'showSaveDialog' | 'showErrorBox'>>(hostDialog)

export type MenuItemConstructorOptions = Electron.MenuItemConstructorOptions
export type Menu = HostMenu
export const Menu = as<{
  buildFromTemplate(items: Electron.MenuItemConstructorOptions[]): Menu
  setApplicationMenu(menu: Menu | null): void
}>({
  buildFromTemplate: (items: Electron.MenuItemConstructorOptions[]): HostMenu => ({ items }),
  setApplicationMenu: showBar,
})
export type NativeImage = { path: string }
export const nativeImage = { createFromPath: (path: string): NativeImage => ({ path }) }
export type Tray = Parts<Electron.Tray, 'on' | 'setToolTip' | 'destroy'> & {
  setImage(image: NativeImage): void
  setContextMenu(menu: Menu): void
}
export const Tray = as<new (image: NativeImage) => Tray>(HostTray)
export const Notification = as<{
  new (options: { title: string; body: string }): Parts<Electron.Notification, 'show' | 'on'>
  isSupported(): boolean
}>(HostNotification)

export const powerMonitor =
  as<Parts<Electron.PowerMonitor, 'on' | 'once' | 'off' | 'isOnBatteryPower' | 'getSystemIdleTime' | 'getCurrentThermalState'>>(
    hostPowerMonitor,
  )
export const powerSaveBlocker = as<Parts<Electron.PowerSaveBlocker, 'start' | 'stop'>>(hostPowerSaveBlocker)
export const screen = as<Parts<Electron.Screen, 'getAllDisplays'>>({
  getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1040 } }],
})
/** A keychain in name only: what it locks is turned around. `PICTOR_HOST_KEYCHAIN=none` takes it away, as on a Linux without one. */
export const safeStorage = as<
  Parts<Electron.SafeStorage, 'isEncryptionAvailable' | 'getSelectedStorageBackend' | 'encryptString' | 'decryptString'>
>({
  isEncryptionAvailable: () => true,
  getSelectedStorageBackend: () => (setting('KEYCHAIN') === 'none' ? 'basic_text' : 'gnome_libsecret'),
  encryptString: (text: string) => Buffer.from(text).reverse(),
  decryptString: (locked: Buffer) => Buffer.from(locked).reverse().toString(),
})
export const net = as<Parts<Electron.Net, 'request'>>({ request: (options: object) => plainRequest(options) })
/** electron-updater looks for it when it installs. */
export const autoUpdater = { emit: (event: string) => hostApp.emit(`host-${event}`) }

startControl()
