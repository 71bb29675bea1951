import { addAPIProvider, addIcon } from '@iconify/vue'
import { init } from 'virtual:nuxt-ui-icons'

/** Registers the bundled icons. There is no other source: an icon that is not bundled stays empty instead of being fetched from the internet. */
export function registerIcons(): void {
  addAPIProvider('', { resources: [] })
  init(addIcon)
}
