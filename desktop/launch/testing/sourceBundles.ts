import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const sources = { store: 'sync-server/embedded/main.ts', gateway: 'sync-server/main.ts', runtime: 'desktop/runtime/main.ts' } as const

/** A folder like `out` whose processes run from the sources, so that a unit test needs no build. */
export function sourceBundles(folder: string): string {
  mkdirSync(join(folder, 'node'), { recursive: true })
  for (const [name, path] of Object.entries(sources))
    writeFileSync(join(folder, 'node', `${name}.js`), `import ${JSON.stringify(new URL(`../../../${path}`, import.meta.url).href)}\n`)
  return folder
}
