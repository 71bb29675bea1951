import { useI18n } from 'vue-i18n'
import type { StartingPart } from '#shared/api/shellCalls.ts'

/** Names the processes of the app in the words of the person, as a list. */
export function usePartNames(): (parts: readonly StartingPart[]) => string {
  const { t, locale } = useI18n()
  return (parts) => new Intl.ListFormat(locale.value).format(parts.map((part) => t(`sync.parts.${part}`)))
}
