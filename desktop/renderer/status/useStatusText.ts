import { useI18n } from 'vue-i18n'
import type { StatusResult } from '#shared/rules/status.ts'
import { useFormat } from '../format/useFormat.ts'
import { reasonVariant } from './reasonKey.ts'

/** The sentence behind a status: what is so, why, what to do. `here`: it is about the computer that is looked at from. */
export function useStatusText(): (status: StatusResult, nowMs: number, here?: boolean) => string {
  const i18n = useI18n()
  const format = useFormat()
  const clockTime = (ms: number, nowMs: number): string =>
    ms - nowMs < dayMs && new Date(ms).getDate() === new Date(nowMs).getDate() ? format.value.time(ms) : format.value.dayTime(ms)
  return (status, nowMs, here = false) => {
    const { details, sinceMs, code } = status
    const until = details['untilMs']
    const parameters = {
      code,
      age: sinceMs === null ? i18n.t('common.agoUnknown') : format.value.age(sinceMs, nowMs),
      until: typeof until === 'number' ? format.value.age(until, nowMs) : '',
      at: typeof until === 'number' ? clockTime(until, nowMs) : '',
      found: text(details['found']),
      wanted: text(details['wanted']),
      program: text(details['program']),
      minutes: text(details['minutes']),
      degrees: text(details['resumeC']),
      over: text(details['overMiB']),
    }
    const paused = pauseKey(code, here, typeof until === 'number')
    if (paused !== null) return i18n.t(paused, parameters)
    const variant = reasonVariant(code, details)
    const key = [...(variant === null ? [] : [`reason.${variant}`]), `reason.${code}`, `status.sentence.${code}`].find((candidate) =>
      i18n.te(candidate, 'en'),
    )
    return i18n.t(key ?? 'status.sentence.other', parameters)
  }
}

/** Failed checks whose sentence only says what is missing: what to do stands beside the check. */
const checksWithoutAdvice = new Set(['GPU_MISSING', 'VRAM_TOO_SMALL', 'COMPUTE_CAPABILITY', 'RAM_TOO_SMALL'])

/** What an owner can do about a status, where its sentence does not say it already; null: it does, or there is nothing. */
export function useStatusTodo(): (status: Pick<StatusResult, 'code'>) => string | null {
  const i18n = useI18n()
  return ({ code }) => {
    const key = checksWithoutAdvice.has(code) ? `checks.rows.${code}.fix` : `status.todo.${code}`
    return i18n.te(key, 'en') ? i18n.t(key) : null
  }
}

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

const dayMs = 86_400_000
/** Pauses that people set: by the owner from anywhere, or at the computer itself. */
function pauseKey(code: string, here: boolean, ends: boolean): string | null {
  const who = code === 'PAUSED_BY_OWNER' ? 'byOwner' : code !== 'PAUSED_HERE' ? null : here ? 'here' : 'there'
  return who === null ? null : `status.pause.${who}${ends ? 'Until' : ''}`
}
