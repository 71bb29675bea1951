import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'
import { drawIcon } from './icons.ts'

export const workerFile = 'service-worker.js'
const placeholder = '__PRECACHE__'

const manifest = {
  name: 'Pictor Worker',
  short_name: 'Pictor',
  description: 'Your rendering farm: workers, jobs and earnings, online and offline.',
  start_url: './',
  scope: './',
  id: './',
  display: 'standalone',
  background_color: '#0e0f11',
  theme_color: '#0e0f11',
  icons: [
    { src: './icons/app-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
    { src: './icons/app-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
    { src: './icons/app-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
  ],
}

/**
 * Makes the build an app that can be installed: icons of the one drawing, the manifest, and into the service worker the list of this build's files with a
 * version that is their hash. Maps stay out: nobody reads them without a network.
 */
export function precachePlugin(root: string): Plugin {
  return {
    name: 'pictor-precache',
    apply: 'build',
    enforce: 'post',
    async generateBundle(_options, bundle) {
      const mark = readFileSync(`${root}desktop/renderer/assets/mark.svg`, 'utf8')
      const emit = (fileName: string, source: string | Buffer): void => void this.emitFile({ type: 'asset', fileName, source })
      const icons = {
        'icons/app-192.png': await drawIcon(mark, 192),
        'icons/app-512.png': await drawIcon(mark, 512),
        'icons/app-maskable-512.png': await drawIcon(mark, 512, { background: manifest.background_color, share: 0.62 }),
      }
      for (const [name, bytes] of Object.entries(icons)) emit(name, bytes)
      emit('manifest.webmanifest', JSON.stringify(manifest))

      const worker = bundle[workerFile]
      if (worker?.type !== 'chunk' || worker.imports.length > 0 || !worker.code.includes(placeholder))
        throw new Error('the service worker must be one file of its own')
      const files = [
        ...Object.keys(bundle).filter((name) => name !== workerFile && name !== 'build-manifest.json' && !name.endsWith('.map')),
        ...Object.keys(icons),
        'manifest.webmanifest',
      ]
      const unique = [...new Set(files)].sort()
      const page = bundle['index.html']
      const hash = createHash('sha256').update(unique.join('\n'))
      if (page?.type === 'asset') hash.update(page.source)
      const version = hash.digest('hex').slice(0, 16)
      worker.code = worker.code.replaceAll(placeholder, JSON.stringify({ version, files: unique }))
    },
  }
}
