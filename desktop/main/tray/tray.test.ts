import { beforeEach, expect, it, vi } from 'vitest'
import { initialUpdateState } from '#shared/updates/updateState.ts'
import type { ShellSettings } from '#shared/api/shellCalls.ts'
import type { ShellActions } from '../actions.ts'
import { en } from '../words/en.ts'
import type { TrayState } from './trayState.ts'
import { openTray } from './tray.ts'

interface Item {
  label?: string
  enabled?: boolean
  checked?: boolean
  submenu?: Item[]
  click?: () => void
}
const shown = vi.hoisted(() => ({ icon: '', toolTip: '', menus: [] as unknown[], click: () => {}, isGone: false }))
vi.mock('electron', () => ({
  nativeImage: { createFromPath: (path: string) => path },
  Menu: { buildFromTemplate: (items: unknown) => items },
  Tray: class {
    on(_event: string, listener: () => void) {
      shown.click = listener
    }
    setImage(image: string) {
      shown.icon = image
    }
    setToolTip(text: string) {
      shown.toolTip = text
    }
    setContextMenu(menu: unknown) {
      shown.menus.push(menu)
    }
    destroy() {
      shown.isGone = true
    }
  },
}))
beforeEach(() => Object.assign(shown, { icon: '', toolTip: '', menus: [], isGone: false }))

const settings: ShellSettings = {
  ...{ openAtLogin: false, keepAwake: true, notifyProblems: true, notifyUpdates: true, autoUpdate: true },
  ...{ updateChannel: 'latest', language: 'en' },
}
const working: TrayState = {
  ...{ icon: 'working', line: 'Rendering', earned: 'Earned today: 1.2345 PICTOR', canPause: true, canResume: false, canStart: false },
}
function open() {
  const did: unknown[][] = []
  const actions = new Proxy({} as ShellActions, {
    get:
      (_target, name) =>
      (...args: unknown[]) =>
        void did.push([name, ...args]),
  })
  const tray = openTray('/icons', actions)
  const show = (part: Partial<TrayState>, changed: Partial<ShellSettings> = {}) =>
    tray.show({ ...working, ...part }, { ...settings, ...changed }, initialUpdateState, en)
  const item = (...path: string[]): Item | undefined =>
    path.reduce<Item | undefined>((above, label) => above?.submenu?.find((one) => one.label === label), {
      submenu: (shown.menus.at(-1) ?? []) as Item[],
    })
  const choose = (...path: string[]) => {
    item(...path)?.click?.()
    return did.splice(0)
  }
  return { tray, show, item, choose, did }
}

it('says how it stands and what was earned today; a click opens the window', () => {
  const { show, item, did, tray } = open()
  show({})
  expect(shown.icon).toMatch(/tray-working\.png$/)
  expect(shown.toolTip).toBe('Pictor Worker\nRendering\nEarned today: 1.2345 PICTOR')
  expect(item('Earned today: 1.2345 PICTOR')).toMatchObject({ enabled: false })
  shown.click()
  expect(did).toEqual([['open']])
  show({ earned: null, icon: 'problem', line: 'Cannot reach its worker' })
  expect(shown.toolTip).toBe('Pictor Worker\nCannot reach its worker')
  tray.close()
  expect(shown.isGone).toBe(true)
})

it('pauses in four ways, and goes on', () => {
  const { show, choose, item } = open()
  show({})
  const pause = (label: string) => choose(en.menu.pause, label)
  expect(pause(en.menu.pauseNow)).toEqual([['pause', 'now']])
  expect(pause(en.menu.pauseFrame)).toEqual([['pause', 'afterFrame']])
  expect(pause(en.menu.pauseTask)).toEqual([['pause', 'afterTask']])
  expect(pause(en.menu.pauseHour)).toEqual([['pause', 'now', 3_600_000]])
  show({ canPause: false })
  expect(item(en.menu.pause)).toMatchObject({ enabled: false })
  show({ canPause: false, canResume: true })
  expect(item(en.menu.pause)).toBeUndefined()
  expect(choose(en.menu.resume)).toEqual([['resume']])
})

it('switches each choice over, and offers a start only where the worker does not stay up', () => {
  const { show, choose, item } = open()
  show({})
  expect(item(en.menu.startNode)).toBeUndefined()
  for (const name of ['openAtLogin', 'keepAwake', 'notifyProblems', 'notifyUpdates', 'autoUpdate'] as const) {
    expect(item(en.menu.settings, en.menu[name])?.checked, name).toBe(settings[name])
    expect(choose(en.menu.settings, en.menu[name])).toEqual([['change', { [name]: !settings[name] }]])
  }
  expect(choose(en.menu.settings, en.menu.beta)).toEqual([['change', { updateChannel: 'beta' }]])
  show({}, { updateChannel: 'beta' })
  expect(choose(en.menu.settings, en.menu.beta)).toEqual([['change', { updateChannel: 'latest' }]])
  show({ canStart: true })
  expect(choose(en.menu.startNode)).toEqual([['startNode']])
})

it('makes its menu anew only when something changed: an open one would close', () => {
  const { show } = open()
  show({})
  show({})
  expect(shown.menus).toHaveLength(1)
  show({ line: 'Ready for work' })
  expect(shown.menus).toHaveLength(2)
})
