import { join } from 'node:path'
import { Menu, nativeImage, Tray, type MenuItemConstructorOptions } from 'electron'
import type { ShellSettings } from '#shared/api/shellCalls.ts'
import type { UpdateState } from '#shared/updates/updateState.ts'
import { shellWords } from '../words.ts'
import type { TrayState } from './trayState.ts'

export interface TrayActions {
  open: () => void
  pause: (kind: 'now' | 'afterFrame' | 'afterTask', forMs?: number) => void
  resume: () => void
  change: (settings: Partial<ShellSettings>) => void
  importConfig: () => void
  checkForUpdates: () => void
  download: () => void
  restart: () => void
  diagnostics: () => void
  quit: () => void
}

export interface AppTray {
  show(state: TrayState, settings: ShellSettings, update: UpdateState): void
  close(): void
}

const hourMs = 3_600_000

/** The icon in the notification area, which stays when the window is closed. */
export function openTray(iconFolder: string, actions: TrayActions): AppTray {
  const icon = (name: string) => nativeImage.createFromPath(join(iconFolder, `tray-${name}.png`))
  const tray = new Tray(icon('held'))
  tray.on('click', actions.open)
  let shown = ''
  return {
    show(state, settings, update) {
      // Menus are made anew only when something changed: an open one would close.
      const now = JSON.stringify([state, settings, update])
      if (now === shown) return
      shown = now
      tray.setImage(icon(state.icon))
      tray.setToolTip([shellWords.title, state.line, state.earned].filter((line) => line !== null).join('\n'))
      tray.setContextMenu(Menu.buildFromTemplate(menuOf(state, settings, update, actions)))
    },
    close: () => tray.destroy(),
  }
}

function menuOf(state: TrayState, settings: ShellSettings, update: UpdateState, actions: TrayActions): MenuItemConstructorOptions[] {
  const words = shellWords.menu
  const toggle = (label: string, checked: boolean, change: Partial<ShellSettings>): MenuItemConstructorOptions => ({
    ...{ label, checked, type: 'checkbox' },
    click: () => actions.change(change),
  })
  return [
    { label: state.line, enabled: false },
    ...(state.earned === null ? [] : [{ label: state.earned, enabled: false }]),
    { type: 'separator' },
    { label: words.open, click: actions.open },
    state.canResume
      ? { label: words.resume, click: actions.resume }
      : {
          label: words.pause,
          enabled: state.canPause,
          submenu: [
            { label: words.pauseNow, click: () => actions.pause('now') },
            { label: words.pauseFrame, click: () => actions.pause('afterFrame') },
            { label: words.pauseTask, click: () => actions.pause('afterTask') },
            { label: words.pauseHour, click: () => actions.pause('now', hourMs) },
          ],
        },
    { label: words.importConfig, click: actions.importConfig },
    updateItem(update, actions),
    {
      label: words.settings,
      submenu: [
        toggle(words.openAtLogin, settings.openAtLogin, { openAtLogin: !settings.openAtLogin }),
        toggle(words.keepAwake, settings.keepAwake, { keepAwake: !settings.keepAwake }),
        toggle(words.notifications, settings.notifications, { notifications: !settings.notifications }),
        toggle(words.autoUpdate, settings.autoUpdate, { autoUpdate: !settings.autoUpdate }),
        toggle(words.beta, settings.updateChannel === 'beta', { updateChannel: settings.updateChannel === 'beta' ? 'latest' : 'beta' }),
      ],
    },
    { label: words.diagnostics, click: actions.diagnostics },
    { type: 'separator' },
    { label: words.quit, click: actions.quit },
  ]
}

function updateItem(update: UpdateState, actions: TrayActions): MenuItemConstructorOptions {
  const words = shellWords.menu
  if (update.name === 'available') return { label: words.download(update.release.version), click: actions.download }
  if (update.name === 'downloaded') return { label: words.restart(update.release.version), click: actions.restart }
  return { label: words.checkForUpdates, enabled: update.name === 'idle', click: actions.checkForUpdates }
}
