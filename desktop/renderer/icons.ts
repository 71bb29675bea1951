import { addAPIProvider, addIcon } from '@iconify/vue'
import { addIcon as addOwnIcon } from '@iconify/vue/offline'
import { init } from 'virtual:nuxt-ui-icons'

/**
 * Registers the bundled icons, for our pieces and for those of Nuxt UI. There is no other source: an icon that is not bundled stays empty
 * instead of being fetched from the internet.
 */
export function registerIcons(): void {
  addAPIProvider('', { resources: [] })
  init((name, icon) => {
    // Names come as lucide:check; ours are written lucide-check.
    addOwnIcon(name.replace(':', '-'), icon)
    return addIcon(name, icon)
  })
}
