import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { makeFormatter, type Formatter } from './format.ts'

const formatters = new Map<string, Formatter>()

/** The formatter of the language the user reads. */
export function useFormat(): ComputedRef<Formatter> {
  const { locale } = useI18n()
  return computed(() => {
    let formatter = formatters.get(locale.value)
    if (!formatter) {
      formatter = makeFormatter(locale.value)
      formatters.set(locale.value, formatter)
    }
    return formatter
  })
}
