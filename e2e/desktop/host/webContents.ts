import { EventEmitter } from 'node:events'
import { randomBytes } from 'node:crypto'
import type { CDPSession, Page } from '@playwright/test'
import type { WindowOpenHandlerResponse } from 'electron'
import { fromBrowser, toBrowser } from './addresses.ts'
import { navigationGuards } from './chromium.ts'
import type { HostPort } from './ports.ts'
import { preloadScripts } from './preloadScripts.ts'
import { invokeHandlers } from './ipcMain.ts'

type FromPreload =
  | { kind: 'invoke'; id: number; channel: string; args: unknown[] }
  | { kind: 'port'; id: number; data: unknown }
  | { kind: 'portClosed'; id: number }

const world = 'pictor-preload'
const binding = 'pictorHostSend'

/** Handlers that the app sets; a test asks them through the control channel. */
export const hostSession = {
  permissionRequest: null as ((contents: unknown, permission: string, answer: (granted: boolean) => void) => void) | null,
  permissionCheck: null as ((contents: unknown, permission: string) => boolean) | null,
  setPermissionRequestHandler(handler: typeof this.permissionRequest) {
    this.permissionRequest = handler
  },
  setPermissionCheckHandler(handler: typeof this.permissionCheck) {
    this.permissionCheck = handler
  },
  setDevicePermissionHandler: () => undefined,
}

export class HostWebContents extends EventEmitter {
  readonly session = hostSession
  #page: Page | null = null
  #cdp: CDPSession | null = null
  #context: number | null = null
  #expected: string | null = null
  #openHandler: ((details: { url: string }) => WindowOpenHandlerResponse) | null = null
  readonly #ports = new Map<number, HostPort>()
  #lastPort = 0

  async attach(page: Page, preload: string | null): Promise<void> {
    this.#page = page
    navigationGuards.set(page, (address) => this.#mayGo(address))
    page.on('popup', (popup) => void popup.close().catch(() => undefined))
    const cdp = await page.context().newCDPSession(page)
    this.#cdp = cdp
    cdp.on('Runtime.executionContextCreated', ({ context }) => {
      if (context.name === world) this.#context = context.id
    })
    cdp.on('Runtime.executionContextsCleared', () => this.#dropDocument())
    // Told before the window is made, as Electron asks: the window itself may be gone before it has an address.
    cdp.on('Page.windowOpen', ({ url }) => this.#openHandler?.({ url: fromBrowser(url) }))
    cdp.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name !== binding) return
      this.#context = executionContextId
      void this.#receive(JSON.parse(payload) as FromPreload)
    })
    await cdp.send('Page.enable')
    await cdp.send('Runtime.enable')
    if (preload === null) return
    const secret = `pictor-${randomBytes(12).toString('hex')}`
    const scripts = preloadScripts(preload, secret)
    await cdp.send('Runtime.addBinding', { name: binding, executionContextName: world })
    const [bridge, ...inPage] = scripts.page
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: bridge ?? '' })
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: scripts.preload, worldName: world })
    for (const source of inPage) await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source })
  }

  async load(address: string): Promise<void> {
    this.#expected = address
    await this.#page?.goto(toBrowser(address), { waitUntil: 'load' })
  }
  getURL(): string {
    return fromBrowser(this.#page?.url() ?? '')
  }
  setWindowOpenHandler(handler: (details: { url: string }) => WindowOpenHandlerResponse): void {
    this.#openHandler = handler
  }
  send(channel: string, ...args: unknown[]): void {
    this.#tell({ kind: 'message', channel, args, ports: [] })
  }
  postMessage(channel: string, message: unknown, transfer: readonly unknown[] = []): void {
    const ids = transfer.map((port) => {
      const id = (this.#lastPort += 1)
      // Safe: only this host makes ports.
      const hostPort = port as HostPort
      this.#ports.set(id, hostPort)
      hostPort.transfer((value) => this.#tell({ kind: 'port', id, value }))
      hostPort.on('close', () => this.#tell({ kind: 'portClosed', id }))
      return id
    })
    this.#tell({ kind: 'message', channel, args: [message], ports: ids })
  }
  executeJavaScript(expression: string): Promise<unknown> {
    return this.#page?.evaluate(expression) ?? Promise.reject(new Error('the window is gone'))
  }
  detach(): void {
    if (this.#page !== null) navigationGuards.delete(this.#page)
    this.#dropDocument()
    this.#page = null
    this.#cdp = null
  }

  #mayGo(address: string): boolean {
    if (this.#expected !== null && address.split('#')[0] === this.#expected.split('#')[0]) {
      this.#expected = null
      return true
    }
    let prevented = false
    this.emit('will-navigate', { url: address, preventDefault: () => (prevented = true) })
    return !prevented
  }
  #dropDocument(): void {
    this.#context = null
    for (const port of this.#ports.values()) port.close()
    this.#ports.clear()
  }
  #tell(message: object): void {
    if (this.#cdp === null || this.#context === null) return
    const expression = `pictorHostReceive(${JSON.stringify(message)})`
    // A document that is just going does not hear it any more.
    void this.#cdp.send('Runtime.evaluate', { expression, contextId: this.#context }).catch(() => undefined)
  }
  async #receive(message: FromPreload): Promise<void> {
    if (message.kind === 'port') return this.#ports.get(message.id)?.postMessage(message.data)
    if (message.kind === 'portClosed') return this.#ports.get(message.id)?.close()
    const { id, channel, args } = message
    const event = { sender: this, senderFrame: { url: this.getURL(), parent: null } }
    const handler = invokeHandlers.get(channel)
    try {
      if (handler === undefined) throw new Error(`No handler registered for '${channel}'`)
      this.#tell({ kind: 'reply', id, ok: true, value: await handler(event, ...args) })
    } catch (error) {
      this.#tell({ kind: 'reply', id, ok: false, value: String(error) })
    }
  }
}
