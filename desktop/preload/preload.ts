import { contextBridge, ipcRenderer } from 'electron'
import type { ShellCallName } from '#shared/api/shellCalls.ts'

/**
 * The one bridge between the desktop window and Electron: sandboxed, bundled into one file. The names are those of the contract, checked at
 * compile time; main checks the sender and parses the input.
 */
const channels = { call: 'pictor:call', event: 'pictor:event', port: 'pictor:port' } as const
const names = [
  'runtime.openPort',
  'shell.get',
  'settings.change',
  'updates.check',
  'updates.download',
  'updates.restart',
  'node.startAgain',
  'diagnostics.export',
] as const satisfies readonly ShellCallName[]
// Breaks the build when the contract has a name that stands not in the list.
const complete: Exclude<ShellCallName, (typeof names)[number]> extends never ? true : never = true
void complete

function call(name: unknown, input: unknown): Promise<unknown> {
  // Not a check of rights (that is main's), but nothing else than the contract leaves the page.
  if (!(names as readonly unknown[]).includes(name)) return Promise.reject(new Error('no such call'))
  return ipcRenderer.invoke(channels.call, name, input)
}

function onEvent(listener: (value: unknown) => void): () => void {
  const handler = (_event: unknown, value: unknown) => listener(value)
  ipcRenderer.on(channels.event, handler)
  return () => void ipcRenderer.off(channels.event, handler)
}

contextBridge.exposeInMainWorld('pictorShell', { kind: 'desktop', call, onEvent })

// A message port cannot go through the bridge; it goes from here to the page as a message of the page to itself.
ipcRenderer.on(channels.port, (event, nonce: unknown) => {
  window.postMessage({ pictorPort: nonce }, location.origin === 'null' ? '*' : location.origin, [...event.ports])
})

/** Runs in the page's own world: asks for a port and waits for it. */
function definePictor(timeoutMs: number): void {
  // Safe: exposed right above.
  const shell = (window as unknown as { pictorShell: { call: (name: string, input: unknown) => Promise<unknown> } }).pictorShell
  const openRuntimePort = () =>
    new Promise<MessagePort>((resolve, reject) => {
      const nonce = crypto.randomUUID()
      const end = (settle: () => void) => {
        clearTimeout(timer)
        window.removeEventListener('message', arrive)
        settle()
      }
      const arrive = (event: MessageEvent<{ pictorPort?: unknown } | null>) => {
        const [port] = event.ports
        if (event.source === window && event.data?.pictorPort === nonce && port) end(() => resolve(port))
      }
      const timer = setTimeout(() => end(() => reject(new Error('the node did not answer'))), timeoutMs)
      window.addEventListener('message', arrive)
      shell.call('runtime.openPort', { nonce }).then(
        (answer) => {
          const { ok } = answer as { ok: boolean }
          if (!ok) end(() => reject(new Error('the node is being started again')))
        },
        (error: unknown) => end(() => reject(error instanceof Error ? error : new Error(String(error)))),
      )
    })
  Object.defineProperty(window, 'pictor', { value: Object.freeze({ openRuntimePort }) })
}
contextBridge.executeInMainWorld({ func: definePictor, args: [10_000] })
