import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { BrowserWindowConstructorOptions, Rectangle } from 'electron'
import { hostApp } from './app.ts'
import { openChromium } from './chromium.ts'
import { HostWebContents } from './webContents.ts'

const open = new Set<HostBrowserWindow>()

/** A page of Chromium in the place of a window. */
export class HostBrowserWindow extends EventEmitter {
  readonly webContents = new HostWebContents()
  readonly #ready: Promise<Page>
  #bounds: Rectangle
  #visible: boolean
  #maximized = false
  #gone = false

  constructor(options: BrowserWindowConstructorOptions = {}) {
    super()
    const { x = 0, y = 0, width = 800, height = 600, show = true } = options
    this.#bounds = { x, y, width, height }
    this.#visible = show
    open.add(this)
    this.#ready = this.#open(options.webPreferences?.preload ?? null)
    // A browser that does not start is told by loadURL.
    this.#ready.catch(() => undefined)
  }
  static getAllWindows(): HostBrowserWindow[] {
    return [...open]
  }

  async #open(preload: string | null): Promise<Page> {
    const context = await openChromium(join(hostApp.getPath('userData'), 'chromium'))
    const page = await context.newPage()
    await this.webContents.attach(page, preload)
    page.on('close', () => this.#closed())
    page.once('load', () => this.emit('ready-to-show'))
    return page
  }
  async loadURL(address: string): Promise<void> {
    await this.#ready
    await this.webContents.load(address)
  }
  close(): void {
    let prevented = false
    this.emit('close', { preventDefault: () => (prevented = true) })
    if (!prevented) this.destroy()
  }
  destroy(): void {
    void this.#ready.then((page) => page.close()).catch(() => undefined)
    this.#closed()
  }
  isDestroyed(): boolean {
    return this.#gone
  }
  show(): void {
    this.#visible = true
  }
  hide(): void {
    this.#visible = false
  }
  focus(): void {
    void this.#ready.then((page) => page.bringToFront()).catch(() => undefined)
  }
  isVisible = (): boolean => this.#visible
  isMinimized = (): boolean => false
  restore = (): void => undefined
  maximize(): void {
    this.#maximized = true
  }
  isMaximized = (): boolean => this.#maximized
  getNormalBounds = (): Rectangle => this.#bounds
  setBounds(bounds: Partial<Rectangle>): void {
    this.#bounds = { ...this.#bounds, ...bounds }
  }

  #closed(): void {
    if (this.#gone) return
    this.#gone = true
    open.delete(this)
    this.webContents.detach()
    this.emit('closed')
    if (open.size === 0) hostApp.emit('window-all-closed')
  }
}
