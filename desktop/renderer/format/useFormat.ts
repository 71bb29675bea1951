import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { regionalTag } from '#shared/words/languages.ts'
import { makeFormatter, type Formatter } from './format.ts'

const formatters = new Map<string, Formatter>()
/** Every cell of a table asks: the last answer is kept, for the browser's list of languages is one object until it changes. */
let last: { locale: string; languages: readonly string[]; formatter: Formatter } | null = null

function formatterOf(locale: string, languages: readonly string[]): Formatter {
  if (last?.locale === locale && last.languages === languages) return last.formatter
  const regional = regionalTag(locale, languages)
  const formatter = formatters.get(regional) ?? makeFormatter(regional)
  formatters.set(regional, formatter)
  last = { locale, languages, formatter }
  return formatter
}

/** The formatter of the language the user reads. */
export function useFormat(): ComputedRef<Formatter> {
  const { locale } = useI18n()
  return computed(() => formatterOf(locale.value, navigator.languages))
}
