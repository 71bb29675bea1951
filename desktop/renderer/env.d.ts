/// <reference types="vite/client" />

/** Set by build/renderer.vite.ts: true only in the build for screenshots, which carries the page-local peer of testing/. */
declare const __FAKE_PEER__: boolean

declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent<object, object, unknown>
  export default component
}

/** The bundled icons, made by Nuxt UI's build plugin from the names found in the source. */
declare module 'virtual:nuxt-ui-icons' {
  import type { IconifyIcon } from '@iconify/vue'
  export function init(add: (name: string, icon: IconifyIcon) => boolean): void
}
