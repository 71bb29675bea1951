/**
 * The scripts that stand at the start of each document: one in the page's own world, one around the preload script in an isolated world. They talk
 * by synchronous events with a name that the page cannot know; values cross as JSON, as contextBridge clones them.
 */
export function pageWorldScript(secret: string): string {
  return `(${pageWorld.toString()})(${JSON.stringify(secret)})`
}
export function preloadWorldScript(secret: string, preload: string): string {
  return `(${preloadWorld.toString()})(${JSON.stringify(secret)}, function (require, module, exports) {\n${preload}\n})`
}

function pageWorld(secret: string): void {
  if (window !== window.top) return
  const callbacks: ((...args: unknown[]) => unknown)[] = []
  const pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  let last = 0
  let answer: { kind: string; value?: unknown; id?: number } | null = null
  const tell = (message: object) => document.dispatchEvent(new CustomEvent(`${secret}-up`, { detail: JSON.stringify(message) }))
  const encode = (args: unknown[]) =>
    args.map((arg) => (typeof arg === 'function' ? { $fn: callbacks.push(arg as never) - 1 } : { value: arg }))
  const proxy =
    (target: number) =>
    (...args: unknown[]): unknown => {
      answer = null
      tell({ kind: 'call', target, id: (last += 1), args: encode(args) })
      const given = answer as { kind: string; value?: unknown; id?: number } | null
      if (given === null || given.kind === 'threw')
        throw new Error(typeof given?.value === 'string' ? given.value : 'the bridge did not answer')
      if (given.kind === 'function') return proxy(given.id ?? 0)
      if (given.kind === 'value') return given.value
      return new Promise((resolve, reject) => pending.set(given.id ?? 0, { resolve, reject }))
    }
  document.addEventListener(`${secret}-down`, (event) => {
    const message = JSON.parse((event as CustomEvent<string>).detail) as {
      kind: string
      id: number
      value: never
      key: string
      shape: object
    }
    if (message.kind === 'answer') answer = message.value
    else if (message.kind === 'settled') {
      const { ok, value } = message.value as { ok: boolean; value: unknown }
      const waiting = pending.get(message.id)
      pending.delete(message.id)
      if (ok) waiting?.resolve(value)
      else waiting?.reject(new Error(String(value)))
    } else if (message.kind === 'callback') callbacks[message.id]?.(...(message.value as unknown[]))
    else if (message.kind === 'expose') {
      const build = (shape: unknown): unknown => {
        if (typeof shape !== 'object' || shape === null) return shape
        if ('$fn' in shape) return proxy(shape.$fn as number)
        return Object.freeze(Object.fromEntries(Object.entries(shape).map(([key, value]) => [key, build(value)])))
      }
      Object.defineProperty(window, message.key, { value: build(message.shape), writable: false, configurable: false })
    }
  })
}

function preloadWorld(secret: string, preload: (require: (name: string) => unknown, module: object, exports: object) => void): void {
  if (window !== window.top) return
  type Listener = (event: { ports: MessagePort[] }, ...args: unknown[]) => void
  const functions: ((...args: unknown[]) => unknown)[] = []
  const listeners = new Map<string, Set<Listener>>()
  const invoked = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>()
  const ports = new Map<number, MessagePort>()
  let last = 0
  const tell = (message: object) => document.dispatchEvent(new CustomEvent(`${secret}-down`, { detail: JSON.stringify(message) }))
  // The binding that Chromium puts into this world only.
  const toHost = (message: object) =>
    (globalThis as unknown as { pictorHostSend: (text: string) => void }).pictorHostSend(JSON.stringify(message))
  const describe = (value: unknown): unknown => {
    if (typeof value === 'function') return { $fn: functions.push(value as never) - 1 }
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, describe(each)]))
  }
  document.addEventListener(`${secret}-up`, (event) => {
    const { target, id, args } = JSON.parse((event as CustomEvent<string>).detail) as {
      target: number
      id: number
      args: { $fn?: number; value?: unknown }[]
    }
    const decoded = args.map(({ $fn, value }) =>
      $fn === undefined ? value : (...values: unknown[]) => void tell({ kind: 'callback', id: $fn, value: values }),
    )
    try {
      const value = functions[target]?.(...decoded)
      if (value instanceof Promise) {
        value.then(
          (result: unknown) => tell({ kind: 'settled', id, value: { ok: true, value: result } }),
          (error: unknown) =>
            tell({ kind: 'settled', id, value: { ok: false, value: error instanceof Error ? error.message : String(error) } }),
        )
        tell({ kind: 'answer', value: { kind: 'promise', id } })
      } else if (typeof value === 'function') tell({ kind: 'answer', value: { kind: 'function', id: functions.push(value as never) - 1 } })
      else tell({ kind: 'answer', value: { kind: 'value', value } })
    } catch (error) {
      tell({ kind: 'answer', value: { kind: 'threw', value: error instanceof Error ? error.message : String(error) } })
    }
  })
  Object.assign(globalThis, {
    pictorHostReceive(message: {
      kind: string
      id: number
      channel: string
      args: unknown[]
      ok: boolean
      value: unknown
      ports: number[]
    }) {
      if (message.kind === 'reply') {
        const waiting = invoked.get(message.id)
        invoked.delete(message.id)
        if (message.ok) waiting?.resolve(message.value)
        else waiting?.reject(new Error(String(message.value)))
      } else if (message.kind === 'port') ports.get(message.id)?.postMessage(message.value)
      else if (message.kind === 'portClosed') ports.get(message.id)?.close()
      else {
        const arrived = message.ports.map((id) => {
          const { port1, port2 } = new MessageChannel()
          ports.set(id, port1)
          port1.onmessage = ({ data }: MessageEvent<unknown>) => toHost({ kind: 'port', id, data })
          port1.addEventListener('close', () => toHost({ kind: 'portClosed', id }))
          return port2
        })
        for (const listener of [...(listeners.get(message.channel) ?? [])]) listener({ ports: arrived }, ...message.args)
      }
    },
  })
  const ipcRenderer = {
    invoke: (channel: string, ...args: unknown[]) =>
      new Promise((resolve, reject) => {
        const id = (last += 1)
        invoked.set(id, { resolve, reject })
        toHost({ kind: 'invoke', id, channel, args })
      }),
    on(channel: string, listener: Listener) {
      listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener))
    },
    off: (channel: string, listener: Listener) => void listeners.get(channel)?.delete(listener),
  }
  const contextBridge = {
    exposeInMainWorld: (key: string, api: unknown) => tell({ kind: 'expose', key, shape: describe(api) }),
    // Done by the host itself at the start of the document; see preloadScripts.ts.
    executeInMainWorld: () => undefined,
  }
  const electron = { contextBridge, ipcRenderer }
  const module = { exports: {} }
  preload((name) => (name === 'electron' ? electron : undefined), module, module.exports)
}
