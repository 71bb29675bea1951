import { createI18n } from 'vue-i18n'
import { en, type Words } from './en.ts'

/** The languages of the dashboard, by their own names. A new one is a file beside en.ts with the same keys, and a loader below. */
export const languages = { en: 'English' } as const
export type Language = keyof typeof languages

/** English is inside; the words of the others are fetched when they are chosen. */
const loaders: Partial<Record<Language, () => Promise<Words>>> = {}

export function isLanguage(value: string): value is Language {
  return Object.hasOwn(languages, value)
}

export function createWords() {
  const words = createI18n({ legacy: false, locale: 'en', fallbackLocale: 'en', messages: { en } })
  return {
    plugin: words,
    /** Shows the page in the language, loading its words first. */
    show: async (language: Language): Promise<void> => {
      const load = loaders[language]
      if (load && !words.global.availableLocales.includes(language)) words.global.setLocaleMessage(language, await load())
      words.global.locale.value = language
      document.documentElement.lang = language
    },
  }
}
