import { fileURLToPath } from 'node:url'
import { defineConfig } from 'electron-vite'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * The Electron shell: main and preload. The dashboard is built by renderer.vite.ts (one build for the desktop window, a node's local
 * page and the server), the runtime and the gateway by node.vite.ts (one build for Electron's utilityProcess and for plain Node).
 */
export default defineConfig({
  main: {
    root,
    build: {
      outDir: `${root}out/main`,
      externalizeDeps: true,
      rolldownOptions: { input: { main: `${root}desktop/main/main.ts` } },
    },
  },
  preload: {
    root,
    build: {
      outDir: `${root}out/preload`,
      // A sandboxed preload script may be CommonJS only and cannot require packages: everything it uses is inside.
      externalizeDeps: false,
      rolldownOptions: { input: { preload: `${root}desktop/preload/preload.ts` }, output: { format: 'cjs', entryFileNames: '[name].cjs' } },
    },
  },
})
