import { useColorMode, useLocalStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { isLanguage, type Language } from '../words/languages.ts'

export type Theme = 'auto' | 'light' | 'dark'

/** What this browser remembers of how its user likes the page. */
export const usePreferences = defineStore('preferences', () => {
  const mode = useColorMode({ storageKey: 'pictor.theme', attribute: 'class', disableTransition: true })
  const railFolded = useLocalStorage('pictor.railFolded', false)
  const stored = useLocalStorage('pictor.language', 'en')
  const language = ref<Language>(isLanguage(stored.value) ? stored.value : 'en')
  function remember(next: Language): void {
    language.value = next
    stored.value = next
  }
  return { theme: mode.store, shownTheme: mode.state, railFolded, language, remember }
})
