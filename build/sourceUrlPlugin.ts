import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, relative, resolve } from 'node:path'
import type { Plugin } from 'vite'

const sourceUrl = /new URL\(\s*(['"])(\.{1,2}\/[^'"]+)\1\s*,\s*import\.meta\.url\s*,?\s*\)/g

const placeholder = 'pictor-emitted-file:'
const placeholderReference = /pictor-emitted-file:([\w$-]+)/g

/**
 * Keeps `new URL('./script.py', import.meta.url)` true after bundling, so that a file beside its source is found both when the
 * source runs as it is and when it is bundled: a `.ts` file becomes a chunk of its own (worker threads, child processes),
 * a file of any other kind is copied.
 */
export function sourceUrlPlugin(): Plugin {
  return {
    name: 'pictor:source-url',
    apply: 'build',
    async transform(code, id) {
      if (!code.includes('import.meta.url') || id.includes('/node_modules/')) return null
      const replacements: { from: number; to: number; text: string }[] = []
      for (const match of code.matchAll(sourceUrl)) {
        const target = resolve(dirname(id.split('?')[0] ?? id), match[2] ?? '')
        // A folder (`..`) or a file made at run time stays what it was.
        if (!/\.[a-z0-9]+$/i.test(target) || !existsSync(target)) continue
        const reference = target.endsWith('.ts')
          ? this.emitFile({ type: 'chunk', id: target, name: basename(target, '.ts') })
          : this.emitFile({ type: 'asset', fileName: `assets/${basename(target)}`, source: await readFile(target) })
        if (!target.endsWith('.ts')) this.addWatchFile(target)
        // Vite would make ROLLUP_FILE_URL an address below the site's root; the place beside the chunk is known when chunks are named.
        const text = `new URL('${placeholder}${reference}', import.meta.url)`
        replacements.push({ from: match.index, to: match.index + match[0].length, text })
      }
      if (replacements.length === 0) return null
      let result = code
      for (const { from, to, text } of replacements.reverse()) result = result.slice(0, from) + text + result.slice(to)
      return { code: result, map: null }
    },
    renderChunk(code, chunk) {
      if (!code.includes(placeholder)) return null
      const resolved = code.replace(placeholderReference, (_whole, reference: string) => {
        const path = relative(dirname(chunk.fileName), this.getFileName(reference))
        return path.startsWith('.') ? path : `./${path}`
      })
      return { code: resolved, map: null }
    },
  }
}
