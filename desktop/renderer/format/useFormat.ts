import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { regionalTag } from '#shared/words/languages.ts'
import { makeFormatter, type Formatter } from './format.ts'

const formatters = new Map<string, Formatter>()

/** The formatter of the language the user reads. */
export function useFormat(): ComputedRef<Formatter> {
  const { locale } = useI18n()
  return computed(() => {
    const regional = regionalTag(locale.value, navigator.languages)
    let formatter = formatters.get(regional)
    if (!formatter) {
      formatter = makeFormatter(regional)
      formatters.set(regional, formatter)
    }
    return formatter
  })
}
