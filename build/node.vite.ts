import { fileURLToPath } from 'node:url'
import type { InlineConfig } from 'vite'
import { builtinModulesPlugin } from './builtinModulesPlugin.ts'
import { narrowTextPlugin } from './narrowTextPlugin.ts'
import { sourceUrlPlugin } from './sourceUrlPlugin.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Processes that run in plain Node, and in Electron's utilityProcess: one bundle each in out/node. */
export const nodeProcesses = {
  cli: 'desktop/cli/main.ts',
  runtime: 'desktop/runtime/main.ts',
  upscaler: 'desktop/runtime/upscaler/main.ts',
  gateway: 'sync-server/main.ts',
  store: 'sync-server/embedded/main.ts',
} as const

/**
 * Packages that stay outside: they carry native code, read files beside themselves or build `require` paths at run time.
 * Everything else is bundled: less memory and a faster start than thousands of small modules (figures in docs/decisions/0001).
 */
export const externalPackages = [
  '@node-rs/argon2',
  'electron',
  'express',
  'express-pouchdb',
  'onnxruntime-node',
  'pouchdb',
  'pouchdb-adapter-http',
  'pouchdb-core',
  'pouchdb-replication',
  'sharp',
  'systeminformation',
]

/**
 * Their `node` condition leads to CommonJS, of which nothing can be left out: a third of the bundle was operators and queries that nobody calls.
 * The same versions' ES modules are shaken.
 */
const asEsModules = [
  { find: /^rxjs$/, replacement: `${root}node_modules/rxjs/dist/esm/index.js` },
  { find: /^rxjs\/operators$/, replacement: `${root}node_modules/rxjs/dist/esm/operators/index.js` },
  { find: /^mingo\//, replacement: `${root}node_modules/mingo/esm/` },
]

/** The build of the Node processes into `outDir`. */
export function nodeBuild(outDir: string, entries: Record<string, string> = nodeProcesses): InlineConfig {
  return {
    configFile: false,
    root,
    mode: 'production',
    publicDir: false,
    logLevel: 'warn',
    plugins: [builtinModulesPlugin(), sourceUrlPlugin(), narrowTextPlugin()],
    resolve: { alias: asEsModules },
    ssr: { target: 'node', noExternal: true, external: externalPackages },
    build: {
      ssr: true,
      ssrEmitAssets: true,
      outDir,
      emptyOutDir: true,
      target: 'node24',
      minify: false,
      sourcemap: true,
      assetsDir: 'assets',
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, root + file])),
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
          // Node keeps the source text in memory: shorter text is resident memory saved. Names stay, for stack traces.
          minify: { compress: true, mangle: false, codegen: true },
          // Bundled CommonJS packages ask for `require` of Node's own modules.
          banner:
            "import { createRequire as pictorCreateRequire } from 'node:module'; const require = pictorCreateRequire(import.meta.url);",
        },
      },
    },
  }
}
