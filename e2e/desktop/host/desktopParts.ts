import { EventEmitter } from 'node:events'
import type {
  MenuItemConstructorOptions,
  MessageBoxOptions,
  MessageBoxReturnValue,
  OpenDialogReturnValue,
  SaveDialogReturnValue,
} from 'electron'

/** What a test sees of the desktop around the app. */
export const seen = {
  openedOutside: [] as string[],
  notifications: [] as { title: string; body: string }[],
  errorBoxes: [] as string[],
  awake: 0,
  aboutPanels: [] as object[],
  menuBar: { items: [] } as HostMenu,
  trays: new Set<HostTray>(),
}

export interface HostMenu {
  items: MenuItemConstructorOptions[]
}

export const showBar = (menu: HostMenu | null): void => void (seen.menuBar = menu ?? { items: [] })

export class HostTray extends EventEmitter {
  icon: string
  toolTip = ''
  menu: HostMenu = { items: [] }
  constructor(image: { path: string }) {
    super()
    this.icon = image.path
    seen.trays.add(this)
  }
  setImage(image: { path: string }): void {
    this.icon = image.path
  }
  setToolTip(text: string): void {
    this.toolTip = text
  }
  setContextMenu(menu: HostMenu): void {
    this.menu = menu
  }
  destroy(): void {
    seen.trays.delete(this)
  }
}

/** A dialog is open until the test answers it. */
export interface OpenDialog {
  kind: 'message' | 'open' | 'save'
  message: string
  detail: string
  buttons: string[]
  answer: (value: unknown) => void
}
export const dialogs: OpenDialog[] = []
const ask = <Value>(dialog: Omit<OpenDialog, 'answer'>): Promise<Value> =>
  new Promise((resolve) => {
    const entry: OpenDialog = {
      ...dialog,
      answer(value) {
        dialogs.splice(dialogs.indexOf(entry), 1)
        resolve(value as Value)
      },
    }
    dialogs.push(entry)
  })

export const hostDialog = {
  showMessageBox: ({ message, detail = '', buttons = ['OK'] }: MessageBoxOptions) =>
    ask<MessageBoxReturnValue>({ kind: 'message', message, detail, buttons }),
  showOpenDialog: () => ask<OpenDialogReturnValue>({ kind: 'open', message: '', detail: '', buttons: [] }),
  showSaveDialog: () => ask<SaveDialogReturnValue>({ kind: 'save', message: '', detail: '', buttons: [] }),
  showErrorBox(title: string, content: string): void {
    seen.errorBoxes.push(`${title}: ${content}`)
    process.stderr.write(`error box: ${title}: ${content}\n`)
  },
}

export class HostNotification {
  static isSupported = (): boolean => true
  readonly title: string
  readonly body: string
  constructor({ title, body }: { title: string; body: string }) {
    this.title = title
    this.body = body
  }
  on(): this {
    return this
  }
  show(): void {
    seen.notifications.push({ title: this.title, body: this.body })
  }
}

/** What the system says of itself; a test changes it together with the event that tells of it. */
export const power = { onBattery: false, idleSeconds: 0 }
export const hostPowerMonitor = Object.assign(new EventEmitter(), {
  isOnBatteryPower: () => power.onBattery,
  getSystemIdleTime: () => power.idleSeconds,
  getCurrentThermalState: () => 'unknown',
})
export const hostPowerSaveBlocker = {
  start(): number {
    return (seen.awake += 1)
  },
  stop(): boolean {
    seen.awake -= 1
    return true
  },
}
