import { fillIn, type AppError } from '#shared/errors/appError.ts'
import { words as errorsEn } from '#shared/words/en.ts'
import { words as errorsEs } from '#shared/words/es.ts'
import { systemLanguage, type Language, type LanguageChoice } from '#shared/words/languages.ts'
import { words as errorsVi } from '#shared/words/vi.ts'
import { words as errorsZh } from '#shared/words/zh.ts'
import { en, type ShellWords } from './en.ts'
import { es } from './es.ts'
import { vi } from './vi.ts'
import { zh } from './zh.ts'

const spoken: Record<Language, { words: ShellWords; errors: Readonly<Record<string, string>> }> = {
  en: { words: en, errors: errorsEn.errors },
  es: { words: es, errors: errorsEs.errors },
  vi: { words: vi, errors: errorsVi.errors },
  'zh-Hans': { words: zh, errors: errorsZh.errors },
}

/** How the shell speaks now: the language that was chosen in the dashboard, or the system's. */
export interface Speech {
  language: Language
  words: ShellWords
  /** The sentence of an error; it was made in English for the logs. */
  error(error: AppError): string
  /** Micro-PICTOR as text → PICTOR with at most four digits behind the point, never rounded up. */
  money(micro: string): string
  time(atMs: number): string
}

/** @param preferred the system's languages, the best first */
export function speechIn(choice: LanguageChoice, preferred: readonly string[]): Speech {
  const language = choice === 'system' ? systemLanguage(preferred) : choice
  const { words, errors } = spoken[language]
  const money = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 4, roundingMode: 'trunc' })
  const time = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' })
  return {
    ...{ language, words },
    error: ({ code, message, details }) => (errors[code] === undefined ? message : fillIn(errors[code], details ?? {})),
    money(micro) {
      const sign = micro.startsWith('-') ? '-' : ''
      const digits = micro.slice(sign.length).padStart(7, '0')
      // Safe: digits around a point. As text, because a number would not hold a large amount.
      return money.format(`${sign}${digits.slice(0, -6)}.${digits.slice(-6)}` as Intl.StringNumericLiteral)
    },
    time: (atMs) => time.format(atMs),
  }
}
