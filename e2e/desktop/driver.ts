import type { Page } from '@playwright/test'

export interface TrayEntry {
  label: string
  enabled: boolean
  checked: boolean | null
  submenu: TrayEntry[]
}
export interface TrayView {
  icon: string
  toolTip: string
  menu: TrayEntry[]
}
export interface DialogView {
  kind: 'message' | 'open' | 'save'
  message: string
  detail: string
  buttons: string[]
}

export interface WindowBounds {
  x: number
  y: number
  width: number
  height: number
}

export interface LaunchDesktop {
  /** The data folder. */
  data: string
  args?: string[]
  /** The folder with `main/main.js`, `preload/` …; `out` by default. */
  outFolder?: string
  environment?: Record<string, string>
  /** The system has no keychain; by default it has one. */
  withoutKeychain?: boolean
  /** On the Chromium host also where Electron is: for tests of the host's own switches. */
  onHost?: boolean
}

/** What a process of the app is for. `other`: of Chromium's own (GPU, network), or of the host. */
export type ProcessKind = 'main' | 'page' | 'runtime' | 'gateway' | 'store' | 'other'

/** The desktop app as a test uses it; two drivers make it: `electron` and the Chromium host. */
export interface DesktopApp {
  /** The window's page, waited for. */
  page(): Promise<Page>
  windows(): Promise<number>
  closeWindow(): Promise<void>
  /** As the person drags it. */
  moveWindow(to: WindowBounds): Promise<void>
  windowBounds(): Promise<WindowBounds>
  tray(): Promise<TrayView>
  trayClick(): Promise<void>
  /** Chooses an entry of the tray's menu by its words, outer menus first. */
  choose(...path: string[]): Promise<void>
  dialogs(): Promise<DialogView[]>
  /** A button by its words, or the paths chosen in a file dialog (none: cancelled). */
  answer(choice: string | string[]): Promise<void>
  /** Addresses handed to the system's browser, notifications shown. */
  seen(): Promise<{ openedOutside: string[]; notifications: { title: string; body: string }[]; outsideRequests: string[]; awake: number }>
  /** `suspend`, `resume`, `shutdown` … as the system tells them. */
  power(event: string): Promise<void>
  /** Whether the system starts the app when the person logs in, and how: on Linux as its desktop is told, elsewhere as Electron was. */
  loginItem(): Promise<{ openAtLogin: boolean; args: string[] }>
  /** What the system does with a link or a file of ours while the app runs. */
  openUrl(url: string): Promise<void>
  openFile(path: string): Promise<void>
  permission(name: string): Promise<[checked: boolean, granted: boolean]>
  /** A page of somewhere else that got our preload calls the shell: the answer. */
  callFromForeignWindow(name: string, input: unknown): Promise<unknown>
  /** Starts the app a second time with these arguments and waits for that one's end. */
  startAgain(args?: string[]): Promise<number | null>
  /** As the person quits: dialogs may follow. */
  quit(): Promise<void>
  exited: Promise<number | null>
  pid: number
  /** The living processes of the app; what they started themselves (Blender) is not among them. */
  processes(): Promise<{ pid: number; kind: ProcessKind }[]>
  output(): string
  /** Ends everything at once. */
  kill(): Promise<void>
}
