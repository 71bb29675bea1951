import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { makeFormatter, type Formatter } from './format.ts'

const formatters = new Map<string, Formatter>()

/** The formatter of the language the user reads. */
export function useFormat(): ComputedRef<Formatter> {
  const { locale } = useI18n()
  return computed(() => {
    const regional = regionalLocale(locale.value, navigator.languages)
    let formatter = formatters.get(regional)
    if (!formatter) {
      formatter = makeFormatter(regional)
      formatters.set(regional, formatter)
    }
    return formatter
  })
}

/** The user's own region of the language (en-GB for en), so that times and numbers look as everywhere else on their computer. */
const regionalLocale = (language: string, preferred: readonly string[]): string =>
  preferred.find((candidate) => candidate === language || candidate.startsWith(`${language}-`)) ?? language
