import { registerHooks } from 'node:module'

/** Loaded before the app's bundle (`node --import`): the module `electron` is this host, for `import` and for `require`. */
const host = new URL('./electron.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) => (specifier === 'electron' ? { url: host, shortCircuit: true } : next(specifier, context)),
})
