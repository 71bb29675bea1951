import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
export const outFolder = `${root}out`

/** What is built, from which sources, and how. A part is built again only when one of its sources changed. */
export interface BuildPart {
  name: 'node' | 'renderer' | 'shell'
  /** Files and folders whose contents decide whether the part is still fresh. */
  sources: string[]
  build: (part: { outDir: string }) => Promise<void>
}

const common = ['shared', 'package-lock.json', 'build/buildParts.ts']

export const buildParts: BuildPart[] = [
  {
    name: 'node',
    sources: [
      ...common,
      'desktop/cli',
      'desktop/launch',
      'desktop/runtime',
      'sync-server',
      'build/demo',
      'build/setup',
      'build/node.vite.ts',
      'build/builtinModulesPlugin.ts',
      'build/narrowTextPlugin.ts',
      'build/sourceUrlPlugin.ts',
    ],
    build: async ({ outDir }) => {
      const [vite, { nodeBuild }] = await Promise.all([import('vite'), import('./node.vite.ts')])
      await vite.build(nodeBuild(outDir))
    },
  },
  {
    name: 'renderer',
    sources: [...common, 'desktop/renderer', 'build/renderer.vite.ts', 'build/precachePlugin.ts', 'build/icons.ts'],
    build: async ({ outDir }) => {
      const vite = await import('vite')
      await vite.build({
        configFile: `${root}build/renderer.vite.ts`,
        mode: 'production',
        logLevel: 'warn',
        build: { outDir, emptyOutDir: true },
      })
    },
  },
  {
    name: 'shell',
    sources: [
      ...common,
      'desktop/main',
      'desktop/preload',
      'desktop/launch',
      'desktop/runtime/entry.ts',
      'sync-server/entry.ts',
      'build/electron.vite.config.ts',
      'build/icons.ts',
      'desktop/renderer/assets/mark.svg',
    ],
    build: async () => {
      const { makeIcons } = await import('./icons.ts')
      await makeIcons(root, `${process.env['PICTOR_SHELL_OUT'] ?? outFolder}/icons`)
      const electronVite = await import('electron-vite')
      await electronVite.build({
        root,
        configFile: `${root}build/electron.vite.config.ts`,
        mode: 'production',
        logLevel: 'warn',
        ignoreConfigWarning: true,
      })
    },
  },
]
