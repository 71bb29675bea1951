import { join } from 'node:path'
import type { MenuItemConstructorOptions } from 'electron'
import { hostApp } from './app.ts'
import { HostBrowserWindow } from './browserWindow.ts'
import { debugAddress, outsideRequests } from './chromium.ts'
import { dialogs, hostPowerMonitor, power, seen } from './desktopParts.ts'
import { hostSession } from './webContents.ts'

export interface MenuEntry {
  label: string
  enabled: boolean
  checked: boolean | null
  submenu: MenuEntry[]
}

/** What a test may ask of the host, over the channel of the process that started it. Names and answers are the driver's. */
const commands = {
  debugAddress: () => debugAddress(join(hostApp.getPath('userData'), 'chromium')).http,
  tray() {
    const [tray] = [...seen.trays]
    return tray === undefined ? null : { icon: tray.icon, toolTip: tray.toolTip, menu: describe(tray.menu.items) }
  },
  trayClick: () => [...seen.trays][0]?.emit('click'),
  /** In the tray's menu, or in the menu bar for a path that begins with `bar`. */
  menuClick(...labels: string[]) {
    const path = labels[0] === 'bar' ? labels.slice(1) : labels
    let items = (labels[0] === 'bar' ? seen.menuBar : [...seen.trays][0]?.menu)?.items ?? []
    for (const [depth, label] of path.entries()) {
      const item = items.find((one) => one.label === label)
      if (item === undefined || item.enabled === false) throw new Error(`the menu has no "${label}" to choose`)
      if (depth === path.length - 1) return void item.click?.(undefined as never, undefined, undefined as never)
      items = item.submenu as MenuItemConstructorOptions[]
    }
  },
  dialogs: () => dialogs.map(({ kind, message, detail, buttons }) => ({ kind, message, detail, buttons })),
  /** A button by its words, or the paths chosen. */
  answerDialog(choice: string | string[]) {
    const [dialog] = dialogs
    if (dialog === undefined) throw new Error('no dialog is open')
    if (dialog.kind === 'message') dialog.answer({ response: dialog.buttons.indexOf(String(choice)), checkboxChecked: false })
    else if (dialog.kind === 'open') dialog.answer({ canceled: choice.length === 0, filePaths: choice })
    else dialog.answer({ canceled: choice.length === 0, filePath: choice[0] })
  },
  windows: () => HostBrowserWindow.getAllWindows().length,
  closeWindow: () => HostBrowserWindow.getAllWindows()[0]?.close(),
  moveWindow: (x: number, y: number, width: number, height: number) =>
    HostBrowserWindow.getAllWindows()[0]?.setBounds({ x, y, width, height }),
  windowBounds: () => HostBrowserWindow.getAllWindows()[0]?.getNormalBounds(),
  seen: () => ({ ...seen, menuBar: describe(seen.menuBar.items), trays: seen.trays.size, outsideRequests }),
  power(event: string, details: { idleSeconds?: number; state?: string } = {}) {
    if (event === 'on-battery' || event === 'on-ac') power.onBattery = event === 'on-battery'
    if (details.idleSeconds !== undefined) power.idleSeconds = details.idleSeconds
    hostPowerMonitor.emit(event, { preventDefault: () => undefined, ...details })
  },
  openUrl: (url: string) => hostApp.emit('open-url', { preventDefault: () => undefined }, url),
  openFile: (path: string) => hostApp.emit('open-file', { preventDefault: () => undefined }, path),
  quit: () => hostApp.quit(),
  metrics: () => hostApp.getAppMetrics(),
  /** What the app answers to a page that asks for a permission. */
  permission: (name: string) =>
    new Promise((resolve) => {
      const checked = hostSession.permissionCheck?.(null, name) ?? true
      if (hostSession.permissionRequest === null) resolve([checked, true])
      else hostSession.permissionRequest(null, name, (granted: boolean) => resolve([checked, granted]))
    }),
  /** A page of somewhere else with the same preload: what it is answered. */
  async callFromForeignWindow(preload: string, name: string, input: unknown) {
    const window = new HostBrowserWindow({ webPreferences: { preload } })
    try {
      await window.loadURL('https://evil.example/')
      return await window.webContents.executeJavaScript(`pictorShell.call(${JSON.stringify(name)}, ${JSON.stringify(input)})`)
    } finally {
      window.destroy()
    }
  },
} satisfies Record<string, (...args: never[]) => unknown>
export type HostCommands = typeof commands

const describe = (items: MenuItemConstructorOptions[]): MenuEntry[] =>
  items.map(({ label = '', enabled = true, checked, submenu }) => ({
    ...{ label, enabled, checked: checked ?? null },
    submenu: Array.isArray(submenu) ? describe(submenu) : [],
  }))

export function startControl(): void {
  process.on('message', (message: { id: number; name: keyof HostCommands; args: unknown[] }) => {
    // Safe: none of the commands uses `this`.
    const run = (...args: unknown[]) => (commands[message.name] as (...args: unknown[]) => unknown)(...args)
    void Promise.resolve()
      .then(() => run(...message.args))
      .then(
        (value) => process.send?.({ id: message.id, ok: true, value: value === undefined ? null : structuredCloneable(value) }),
        (error: unknown) => process.send?.({ id: message.id, ok: false, value: String(error) }),
      )
  })
}

const structuredCloneable = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown
