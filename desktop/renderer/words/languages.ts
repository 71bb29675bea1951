import { createI18n } from 'vue-i18n'
import { en, type Words } from './en.ts'

/** The languages of the dashboard. English is inside; the others are fetched when chosen. */
export const languages = { en: 'English' } as const
export type Language = keyof typeof languages

const loaders: Partial<Record<Language, () => Promise<Words>>> = {}

export function isLanguage(value: string): value is Language {
  return Object.hasOwn(languages, value)
}

export function createWords(language: Language) {
  return createI18n({ legacy: false, locale: language, fallbackLocale: 'en', messages: { en } as Record<string, Words> })
}
export type WordsPlugin = ReturnType<typeof createWords>

/** Switches the language, loading its words first. */
export async function setLanguage(plugin: WordsPlugin, language: Language): Promise<void> {
  const load = loaders[language]
  if (load && !plugin.global.availableLocales.includes(language)) plugin.global.setLocaleMessage(language, await load())
  plugin.global.locale.value = language
  document.documentElement.lang = language
}
