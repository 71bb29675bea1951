import { toValue, watchEffect, type MaybeRefOrGetter } from 'vue'
import { useI18n } from 'vue-i18n'
import { isolated } from '../words/isolate.ts'

/** Names the browser's tab, and its history, after the page: "Rack 3 · Pictor Worker". */
export function useDocumentTitle(title: MaybeRefOrGetter<string>): void {
  const { t } = useI18n()
  watchEffect(() => {
    const [page, app] = [toValue(title), t('app.name')]
    document.title = page === '' || page === app ? app : `${isolated(page)} · ${app}`
  })
}
