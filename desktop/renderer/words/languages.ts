import { createI18n } from 'vue-i18n'
import type { Language } from '#shared/words/languages.ts'
import { en, type Words } from './en.ts'

/** English is inside, as what is shown when nothing else can be; the words of the others are fetched when they are chosen. */
export const loaders: Record<Exclude<Language, 'en'>, () => Promise<Words>> = {
  es: async () => (await import('./es.ts')).es,
  vi: async () => (await import('./vi.ts')).vi,
  'zh-Hans': async () => (await import('./zh.ts')).zh,
}

export function createWords() {
  // The other languages are added when they are chosen; a key asked for before that reads in English.
  const messages = { en } as Record<Language, Words>
  const words = createI18n({ legacy: false, locale: 'en', fallbackLocale: 'en', messages })
  let wanted: Language = 'en'
  return {
    plugin: words,
    /** Shows the page in the language, loading its words first. When they cannot be had, the page stays in the language it has. */
    show: async (language: Language): Promise<void> => {
      wanted = language
      if (language !== 'en' && !words.global.availableLocales.includes(language)) {
        const loaded = await loaders[language]().catch(() => null)
        if (loaded === null) return
        words.global.setLocaleMessage(language, loaded)
      }
      // Somebody may have chosen another one while the words were on their way.
      if (wanted !== language) return
      words.global.locale.value = language
      document.documentElement.lang = language
    },
  }
}
