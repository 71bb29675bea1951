import { builtinModules } from 'node:module'
import type { Plugin } from 'vite'

const prefix = '\0pictor-builtin:'

/**
 * Takes Node's own modules by `process.getBuiltinModule` in place of `import`. An `import` of one makes Node read every one of its exports, the lazy ones too:
 * importing `node:http` alone loads undici and http2, 14 MB of resident memory that a node at rest would carry for nothing.
 * What is not used of a module is not asked of it. `require` in bundled CommonJS packages is lazy already and stays as it is.
 */
export function builtinModulesPlugin(): Plugin {
  const names = new Set(builtinModules)
  return {
    name: 'pictor:builtin-modules',
    apply: 'build',
    enforce: 'pre',
    resolveId(source, importer, { kind }) {
      const name = source.replace(/^node:/, '')
      const isKnown = source.startsWith('node:') ? names.has(name) || names.has(source) : names.has(name)
      // A dynamic import comes with its whole namespace.
      if (!isKnown || importer === undefined || kind !== 'import-statement') return null
      return { id: prefix + (names.has(source) ? source : `node:${name}`), moduleSideEffects: false }
    },
    async load(id) {
      if (!id.startsWith(prefix)) return null
      const name = id.slice(prefix.length)
      const exported = Object.keys((await import(name)) as object).filter((key) => key !== 'default' && /^[A-Za-z_$][\w$]*$/.test(key))
      return [
        `const found = process.getBuiltinModule(${JSON.stringify(name)});`,
        'export default found;',
        ...exported.map((key) => `const read_${key} = /* @__PURE__ */ (() => found.${key})(); export { read_${key} as ${key} };`),
      ].join('\n')
    },
  }
}
