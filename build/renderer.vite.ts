import { fileURLToPath } from 'node:url'
import nuxtUi from '@nuxt/ui/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type UserConfig } from 'vite'
import { precachePlugin, workerFile } from './precachePlugin.ts'

const projectRoot = fileURLToPath(new URL('..', import.meta.url))

/**
 * How the dashboard is built: one build for the desktop window, a node's local page and the browser against the gateway.
 * Addresses are relative, so that it works under any origin and path. Nothing is fetched from the internet: fonts and icons are bundled.
 * With `PICTOR_FAKE_PEER=1` the build carries the page-local peer of desktop/renderer/testing (for screenshots), never otherwise.
 */
export const rendererOptions: UserConfig = {
  root: `${projectRoot}desktop/renderer`,
  base: './',
  define: {
    __FAKE_PEER__: JSON.stringify(process.env['PICTOR_FAKE_PEER'] === '1'),
    __VUE_OPTIONS_API__: 'true',
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
    // Messages are compiled to functions that need no eval, which the content security policy forbids.
    __INTLIFY_JIT_COMPILATION__: 'true',
    __INTLIFY_DROP_MESSAGE_COMPILER__: 'false',
  },
  plugins: [
    vue(),
    nuxtUi({
      root: projectRoot,
      autoImport: false,
      components: false,
      dts: false,
      colorMode: false,
      fonts: false,
      icon: { clientBundle: { scan: { globInclude: ['desktop/renderer/**/*.{vue,ts}'], globExclude: ['**/node_modules/**'] } } },
      ui: { colors: { primary: 'accent', neutral: 'zinc' } },
    } as Parameters<typeof nuxtUi>[0]),
    precachePlugin(projectRoot),
  ],
  build: {
    outDir: `${projectRoot}${process.env['PICTOR_FAKE_PEER'] === '1' ? 'out/renderer-testing' : 'out/renderer'}`,
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    // What is loaded before the first paint is counted by a test (build/firstLoad.test.ts).
    manifest: 'build-manifest.json',
    rolldownOptions: {
      input: {
        index: `${projectRoot}desktop/renderer/index.html`,
        'service-worker': `${projectRoot}desktop/renderer/pwa/serviceWorker.ts`,
      },
      // The worker stands beside the page, under the same name in every version.
      output: { entryFileNames: ({ name }) => (name === 'service-worker' ? workerFile : 'assets/[name]-[hash].js') },
    },
  },
  worker: { format: 'es' },
}

export default defineConfig(rendererOptions)
