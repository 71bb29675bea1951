import { createI18n } from 'vue-i18n'
import { en, type Words } from './en.ts'

/** The languages of the dashboard by their tag, each by its own name. A new one is a file beside en.ts and a loader below. */
export const languages = { en: 'English', es: 'Español', vi: 'Tiếng Việt', 'zh-Hans': '简体中文' } as const
export type Language = keyof typeof languages
/** What a person chose: one language, or whatever their system speaks. */
export type LanguageChoice = Language | 'system'

/** English is inside, as what is shown when nothing else can be; the words of the others are fetched when they are chosen. */
export const loaders: Record<Exclude<Language, 'en'>, () => Promise<Words>> = {
  es: async () => (await import('./es.ts')).es,
  vi: async () => (await import('./vi.ts')).vi,
  'zh-Hans': async () => (await import('./zh.ts')).zh,
}

export function isLanguage(value: string): value is Language {
  return Object.hasOwn(languages, value)
}

/**
 * The first language of the system's list that the dashboard speaks; English when there is none.
 * Tags are compared by language and script: zh-CN reads simplified characters, zh-TW does not.
 */
export function systemLanguage(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const found = (Object.keys(languages) as Language[]).find((language) => sameLanguage(language, tag))
    if (found !== undefined) return found
  }
  return 'en'
}

/** The user's own region of a language (en-GB for en, zh-CN for zh-Hans), so that times and numbers look as everywhere else on their computer. */
export const regionalTag = (language: string, preferred: readonly string[]): string =>
  preferred.find((tag) => sameLanguage(language, tag)) ?? language

function sameLanguage(one: string, other: string): boolean {
  try {
    const [a, b] = [new Intl.Locale(one).maximize(), new Intl.Locale(other).maximize()]
    return a.language === b.language && a.script === b.script
  } catch {
    // A browser may list a tag that Intl does not take, such as `C`; it is like none of ours.
    return false
  }
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
