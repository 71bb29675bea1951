import type { MenuItemConstructorOptions } from 'electron'
import { expect, it, vi } from 'vitest'
import { initialUpdateState } from '#shared/updates/updateState.ts'
import type { ShellActions } from '../actions.ts'
import { en } from '../words/en.ts'
import { zh } from '../words/zh.ts'
import { menuBar } from './menuBar.ts'

vi.mock('electron', () => ({ Menu: {} }))
const open = vi.fn()
const actions = { open, quit: vi.fn(), importConfig: vi.fn() } as unknown as ShellActions
const flat = (items: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] =>
  items.flatMap((item) => (Array.isArray(item.submenu) ? [item, ...flat(item.submenu)] : [item]))

it.each(['linux', 'win32', 'darwin'] as const)('has every shortcut once, and a word for every entry on %s', (platform) => {
  for (const words of [en, zh]) {
    const all = flat(menuBar(words, initialUpdateState, actions, platform))
    const shortcuts = all.flatMap(({ accelerator }) => accelerator ?? [])
    expect(new Set(shortcuts).size).toBe(shortcuts.length)
    expect(shortcuts).toEqual(expect.arrayContaining(['CmdOrCtrl+O', 'CmdOrCtrl+,', 'CmdOrCtrl+Q', 'CmdOrCtrl+1']))
    expect(all.filter(({ type, label }) => type !== 'separator' && !label)).toEqual([])
    expect(all.filter(({ label }) => label === words.menu.quit)).toHaveLength(1)
  }
})

it('leads to the pages of the dashboard', () => {
  const settings = flat(menuBar(en, initialUpdateState, actions, 'linux')).find(({ accelerator }) => accelerator === 'CmdOrCtrl+,')
  settings?.click?.(undefined as never, undefined, undefined as never)
  expect(open).toHaveBeenCalledExactlyOnceWith('/settings')
})
