import { useI18n } from 'vue-i18n'
import type { StatusResult } from '#shared/rules/status.ts'
import { useFormat } from '../format/useFormat.ts'

/** The sentence behind a status: what is so, why, what to do. */
export function useStatusText(): (status: StatusResult, nowMs: number) => string {
  const i18n = useI18n()
  const format = useFormat()
  return (status, nowMs) => {
    const { details, sinceMs, code } = status
    const until = details['untilMs']
    const parameters = {
      code,
      age: sinceMs === null ? i18n.t('common.agoUnknown') : format.value.age(sinceMs, nowMs),
      until: typeof until === 'number' ? format.value.age(until, nowMs) : '',
      found: text(details['found']),
      wanted: text(details['wanted']),
    }
    const key = `status.sentence.${code}`
    return i18n.te(key, 'en') ? i18n.t(key, parameters) : i18n.t('status.sentence.other', parameters)
  }
}

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
