import { createI18n } from 'vue-i18n'
import type { Language } from '#shared/words/languages.ts'
import { en, type Words } from './en.ts'
import { isolated, isolatedValues } from './isolate.ts'

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
  const { t } = words.global
  // Here every sentence is filled in: a name that is read from the right, or says that it is, must not turn the words around it.
  const fill = (given: unknown): unknown =>
    Array.isArray(given)
      ? given.map((value: unknown) => isolated(value))
      : typeof given === 'object' && given !== null
        ? isolatedValues({ ...given })
        : given
  // Safe: the same arguments, of the same kinds.
  words.global.t = ((...given: unknown[]): unknown => Reflect.apply(t, null, given.map(fill))) as typeof t
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
