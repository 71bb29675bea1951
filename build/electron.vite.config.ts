import { fileURLToPath } from 'node:url'
import { defineConfig } from 'electron-vite'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * The Electron shell: main and preload. The dashboard is built by renderer.vite.ts (one build for the desktop window, a node's local
 * page and the server), the runtime and the gateway by node.vite.ts (one build for Electron's utilityProcess and for plain Node).
 */
/** Tests build the shell with a key of theirs into a folder of their own. */
const outFolder = process.env['PICTOR_SHELL_OUT'] ?? `${root}out`

/** Put into the app when it is built: where releases are looked for, and whose signatures count (desktop/main/update/pinned.ts). */
const define = {
  __UPDATE_FEED__: JSON.stringify(process.env['PICTOR_UPDATE_FEED'] ?? ''),
  __UPDATE_KEYS__: JSON.stringify(process.env['PICTOR_UPDATE_KEYS'] ?? ''),
}

export default defineConfig({
  main: {
    root,
    define,
    build: {
      outDir: `${outFolder}/main`,
      externalizeDeps: true,
      rolldownOptions: { input: { main: `${root}desktop/main/main.ts` } },
    },
  },
  preload: {
    root,
    build: {
      outDir: `${outFolder}/preload`,
      // A sandboxed preload script may be CommonJS only and cannot require packages: everything it uses is inside.
      externalizeDeps: false,
      rolldownOptions: { input: { preload: `${root}desktop/preload/preload.ts` }, output: { format: 'cjs', entryFileNames: '[name].cjs' } },
    },
  },
})
