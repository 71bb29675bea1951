import { readFileSync } from 'node:fs'
import { createContext, runInContext } from 'node:vm'
import { pageWorldScript, preloadWorldScript } from './worlds.ts'

export interface PreloadScripts {
  /** In the page's own world, in this order; before the page's scripts. */
  page: string[]
  preload: string
}

/**
 * Makes the scripts of a preload bundle. What it runs by `executeInMainWorld` is found out by running the bundle once with a bridge that only listens:
 * the page's policy forbids to evaluate text at run time, and a script of Chromium's must be there before the document is.
 */
export function preloadScripts(path: string, secret: string): PreloadScripts {
  const source = readFileSync(path, 'utf8')
  const inMainWorld: string[] = []
  const electron = {
    contextBridge: {
      exposeInMainWorld: () => undefined,
      executeInMainWorld: ({ func, args = [] }: { func: (...args: unknown[]) => unknown; args?: unknown[] }) =>
        inMainWorld.push(`if (window === window.top) (${func.toString()})(...${JSON.stringify(args)})`),
    },
    ipcRenderer: { on: () => undefined, off: () => undefined, invoke: () => Promise.resolve() },
  }
  const sandbox = createContext({ require: () => electron, module: { exports: {} }, exports: {}, window: {}, location: {} })
  runInContext(source, sandbox)
  return { page: [pageWorldScript(secret), ...inMainWorld], preload: preloadWorldScript(secret, source) }
}
