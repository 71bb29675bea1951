import { useColorMode, useLocalStorage, usePreferredLanguages } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed } from 'vue'
import { isLanguage, systemLanguage, type Language, type LanguageChoice } from '#shared/words/languages.ts'

export type Theme = 'auto' | 'light' | 'dark'

/** What this browser remembers of how its user likes the page. */
export const usePreferences = defineStore('preferences', () => {
  const mode = useColorMode({ storageKey: 'pictor.theme', attribute: 'class', disableTransition: true })
  const railFolded = useLocalStorage('pictor.railFolded', false)
  const stored = useLocalStorage('pictor.language', 'system')
  const preferred = usePreferredLanguages()
  const languageChoice = computed<LanguageChoice>({
    get: () => (isLanguage(stored.value) ? stored.value : 'system'),
    set: (choice) => (stored.value = choice),
  })
  /** The language the page is shown in. */
  const language = computed<Language>(() => (languageChoice.value === 'system' ? systemLanguage(preferred.value) : languageChoice.value))
  return { theme: mode.store, shownTheme: mode.state, railFolded, languageChoice, language }
})
