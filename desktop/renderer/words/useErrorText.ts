import { useI18n } from 'vue-i18n'
import { fillIn } from '#shared/errors/appError.ts'
import type { JsonValue } from '#shared/json.ts'
import { isolatedValues } from './isolate.ts'

/** An error as it stands in documents and replies. */
export interface ShownError {
  code: string
  message: string
  details?: Record<string, JsonValue> | undefined
}

/**
 * The sentence for an error in the user's language; an unknown code of a newer peer, and one whose facts are not there, shows the sentence that came
 * with it.
 */
export function useErrorText(): (error: ShownError) => string {
  const i18n = useI18n()
  return (error) => {
    // The words of errors are plain sentences with {placeholders} that appError fills, in every language.
    const sentences: Record<string, unknown> = i18n.tm('errors')
    const sentence = Object.hasOwn(sentences, error.code) ? sentences[error.code] : undefined
    if (typeof sentence !== 'string') return error.message
    const filled = fillIn(sentence, isolatedValues(error.details ?? {})).replace(unfilledList, '')
    return unfilled.test(filled) && error.message !== '' ? error.message : filled
  }
}

/** A list at the end of a sentence that nobody filled: without it the sentence still says what happened. */
const unfilledList = /\s*[:：]\s*\{\w+\}(?=[.。;；])/g
const unfilled = /\{\w+\}/
