import { expect, it } from 'vitest'
import { appError } from '#shared/errors/appError.ts'
import { reasonDetails } from './notices.ts'

it('a notice says what is wrong as a sentence, and as code and facts for other languages', () => {
  const error = appError('SCENE_MISSING_FILES', { files: 'wood.png' })
  expect(reasonDetails(error)).toEqual({
    reason: error.message,
    because: { code: 'SCENE_MISSING_FILES', message: error.message, details: { files: 'wood.png' } },
  })
  expect(reasonDetails({ code: 'X', message: 'So it is.' })).toEqual({ reason: 'So it is.', because: { code: 'X', message: 'So it is.' } })
  expect(reasonDetails(undefined)).toEqual({ reason: '' })
})
