import { Menu, type MenuItemConstructorOptions } from 'electron'
import type { UpdateState } from '#shared/updates/updateState.ts'
import type { ShellActions } from '../actions.ts'
import type { ShellWords } from '../words/en.ts'
import { updateItem } from './updateItem.ts'

/** The menu bar: hidden on Windows and Linux until Alt is pressed, at the top of the screen on a Mac. Its shortcuts hold in any case. */
export function showMenuBar(words: ShellWords, update: UpdateState, actions: ShellActions, platform: NodeJS.Platform): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuBar(words, update, actions, platform)))
}

export function menuBar(
  words: ShellWords,
  update: UpdateState,
  actions: ShellActions,
  platform: NodeJS.Platform,
): MenuItemConstructorOptions[] {
  const { bar, menu } = words
  const about: MenuItemConstructorOptions = { label: menu.about, click: () => actions.about() }
  const quit: MenuItemConstructorOptions = { label: menu.quit, accelerator: 'CmdOrCtrl+Q', click: () => actions.quit() }
  const preferences: MenuItemConstructorOptions = {
    ...{ label: bar.preferences, accelerator: 'CmdOrCtrl+,' },
    click: () => actions.open('/settings'),
  }
  const page = (label: string, route: string, digit: number): MenuItemConstructorOptions => ({
    ...{ label, accelerator: `CmdOrCtrl+${digit}` },
    click: () => actions.open(route),
  })
  const role = (label: string, name: NonNullable<MenuItemConstructorOptions['role']>): MenuItemConstructorOptions => ({ label, role: name })
  const line: MenuItemConstructorOptions = { type: 'separator' }
  const isMac = platform === 'darwin'
  return [
    ...(isMac ? [{ label: words.title, submenu: [about, updateItem(update, menu, actions), line, preferences, line, quit] }] : []),
    {
      label: bar.file,
      submenu: [
        { label: menu.importConfig, accelerator: 'CmdOrCtrl+O', click: () => actions.importConfig() },
        ...(isMac ? [] : [line, preferences, line, quit]),
      ],
    },
    {
      label: bar.edit,
      submenu: [
        ...[role(bar.undo, 'undo'), role(bar.redo, 'redo'), line],
        ...[role(bar.cut, 'cut'), role(bar.copy, 'copy'), role(bar.paste, 'paste'), role(bar.selectAll, 'selectAll')],
      ],
    },
    {
      label: bar.view,
      submenu: [
        ...[page(bar.overview, '/', 1), page(bar.jobs, '/jobs', 2), page(bar.earnings, '/earnings', 3), page(bar.computer, '/computer', 4)],
        line,
        ...[role(bar.zoomIn, 'zoomIn'), role(bar.zoomOut, 'zoomOut'), role(bar.zoomReset, 'resetZoom')],
        role(bar.fullScreen, 'togglefullscreen'),
      ],
    },
    { label: bar.window, submenu: [role(bar.minimize, 'minimize'), role(bar.close, 'close')] },
    {
      label: bar.help,
      submenu: [
        { label: menu.diagnostics, click: () => actions.diagnostics() },
        ...(isMac ? [] : [updateItem(update, menu, actions), line, about]),
      ],
    },
  ]
}
