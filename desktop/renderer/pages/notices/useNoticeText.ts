import { useI18n } from 'vue-i18n'
import type { Notice } from '#shared/collections/notice.schema.ts'
import type { JsonValue } from '#shared/json.ts'
import { microFromDocument } from '#shared/money.ts'
import { useFormat } from '../../format/useFormat.ts'
import { useEvidence } from '../worker/useEvidence.ts'
import { useErrorText, type ShownError } from '../../words/useErrorText.ts'
import { noticeFacts } from './noticeFacts.ts'

/** What is wrong, with the facts its sentence is filled with; null where an older server told only its own sentence. */
function errorOf(told: JsonValue | undefined): ShownError | null {
  if (typeof told !== 'object' || told === null || Array.isArray(told)) return null
  const { code, message, details } = told
  if (typeof code !== 'string' || typeof message !== 'string') return null
  return { code, message, ...(typeof details === 'object' && details !== null && !Array.isArray(details) ? { details } : {}) }
}

/** A notice as a sentence: what happened, why, what to do. The names are those of today, where they are known. */
export function useNoticeText(): (notice: Notice, workerName?: string, jobName?: string) => string {
  const words = useI18n()
  const errorText = useErrorText()
  const format = useFormat()
  const evidenceOf = useEvidence()
  /** The number a sentence turns on, where it has one. */
  const plural = (facts: Record<string, string | number>): number => {
    const number = facts['failed'] ?? facts['frames']
    return typeof number === 'number' ? number : 1
  }
  /** Of a block: what was seen; nothing where the node did not say. A server of an older version says it as one text. */
  const seen = ({ details }: Notice): string => {
    const told = details['seen']
    const facts = Object.entries(typeof told === 'object' && told !== null ? told : {}).filter((fact): fact is [string, string | number] =>
      ['string', 'number'].includes(typeof fact[1]),
    )
    const texts = evidenceOf(Object.fromEntries(facts)).map(({ name, value }) => `${name}: ${value}`)
    const text = texts.length > 0 ? texts.join(', ') : details['evidence']
    return typeof text === 'string' && text !== '' ? words.t('notices.seen', { facts: text }) : ''
  }
  return (notice, workerName, jobName) => {
    const facts = noticeFacts(notice, workerName, jobName)
    const netMicro = facts['netMicro']
    if (typeof netMicro === 'number') facts['amount'] = format.value.moneyExact(microFromDocument(netMicro))
    facts['seen'] = seen(notice)
    const because = errorOf(notice.details['because'])
    if (because !== null) facts['reason'] = errorText(because)
    const key = `notices.codes.${notice.code}`
    if (words.te(key, 'en')) return words.t(key, facts, plural(facts)).trim()
    // A notice may carry the code of an error: then its words are those of the error.
    if (Object.hasOwn(words.tm('errors'), notice.code)) return errorText({ code: notice.code, message: '', details: notice.details })
    return words.t('notices.codes.other')
  }
}
