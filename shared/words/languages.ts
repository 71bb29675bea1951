/** The languages of the product by their tag, each by its own name. A new one is a file beside each en.ts, and a loader in the dashboard. */
export const languages = { en: 'English', es: 'Español', vi: 'Tiếng Việt', 'zh-Hans': '简体中文' } as const
export type Language = keyof typeof languages
/** What a person chose: one language, or whatever their system speaks. */
export type LanguageChoice = Language | 'system'

export function isLanguage(value: string): value is Language {
  return Object.hasOwn(languages, value)
}

/**
 * The first language of the system's list that we speak; English when there is none.
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
