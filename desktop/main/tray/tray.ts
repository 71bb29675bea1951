import { join } from 'node:path'
import { Menu, nativeImage, Tray, type MenuItemConstructorOptions } from 'electron'
import type { ShellSettings } from '#shared/api/shellCalls.ts'
import { tomorrowMorning } from '#shared/rules/tomorrowMorning.ts'
import type { UpdateState } from '#shared/updates/updateState.ts'
import type { ShellActions } from '../actions.ts'
import { updateItem } from '../menu/updateItem.ts'
import type { ShellWords } from '../words/en.ts'
import type { TrayState } from './trayState.ts'

export interface AppTray {
  show(state: TrayState, settings: ShellSettings, update: UpdateState, words: ShellWords): void
  close(): void
}

const hourMs = 3_600_000

/** The icon in the notification area, which stays when the window is closed. */
export function openTray(iconFolder: string, actions: ShellActions): AppTray {
  const icon = (name: string) => nativeImage.createFromPath(join(iconFolder, `tray-${name}.png`))
  const tray = new Tray(icon('held'))
  tray.on('click', () => actions.open())
  let shown = ''
  return {
    show(state, settings, update, words) {
      // Menus are made anew only when something changed: an open one would close.
      const now = JSON.stringify([state, settings, update])
      if (now === shown) return
      shown = now
      tray.setImage(icon(state.icon))
      tray.setToolTip([words.title, state.line, state.earned].filter((line) => line !== null).join('\n'))
      tray.setContextMenu(Menu.buildFromTemplate(menuOf(state, settings, update, words, actions)))
    },
    close: () => tray.destroy(),
  }
}

function menuOf(
  state: TrayState,
  settings: ShellSettings,
  update: UpdateState,
  { menu: words }: ShellWords,
  actions: ShellActions,
): MenuItemConstructorOptions[] {
  const toggle = (label: string, checked: boolean, change: Partial<ShellSettings>): MenuItemConstructorOptions => ({
    ...{ label, checked, type: 'checkbox' },
    click: () => actions.change(change),
  })
  const { openAtLogin, keepAwake, notifyProblems, notifyUpdates, autoUpdate, updateChannel } = settings
  return [
    { label: state.line, enabled: false },
    ...(state.earned === null ? [] : [{ label: state.earned, enabled: false }]),
    ...(state.canStart ? [{ label: words.startNode, click: () => actions.startNode() }] : []),
    { type: 'separator' },
    { label: words.open, click: () => actions.open() },
    state.canResume
      ? { label: words.resume, click: () => actions.resume() }
      : {
          label: words.pause,
          enabled: state.canPause,
          submenu: [
            { label: words.pauseNow, click: () => actions.pause('now') },
            { label: words.pauseFrame, click: () => actions.pause('afterFrame') },
            { label: words.pauseTask, click: () => actions.pause('afterTask') },
            { label: words.pauseHour, click: () => actions.pause('now', hourMs) },
            { label: words.pauseTomorrow, click: () => actions.pause('now', tomorrowMorning(Date.now()) - Date.now()) },
          ],
        },
    { label: words.importConfig, click: () => actions.importConfig() },
    updateItem(update, words, actions),
    {
      label: words.settings,
      submenu: [
        toggle(words.openAtLogin, openAtLogin, { openAtLogin: !openAtLogin }),
        toggle(words.keepAwake, keepAwake, { keepAwake: !keepAwake }),
        toggle(words.notifyProblems, notifyProblems, { notifyProblems: !notifyProblems }),
        toggle(words.notifyUpdates, notifyUpdates, { notifyUpdates: !notifyUpdates }),
        toggle(words.autoUpdate, autoUpdate, { autoUpdate: !autoUpdate }),
        toggle(words.beta, updateChannel === 'beta', { updateChannel: updateChannel === 'beta' ? 'latest' : 'beta' }),
      ],
    },
    { label: words.diagnostics, click: () => actions.diagnostics() },
    { label: words.about, click: () => actions.about() },
    { type: 'separator' },
    { label: words.quit, click: () => actions.quit() },
  ]
}
