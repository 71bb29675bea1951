import { appError } from '#shared/errors/appError.ts'
import { jsonEquals } from '#shared/json.ts'
import { err, ok } from '#shared/result.ts'
import type { CallHandlers } from '../calls/callHandlers.ts'
import type { DocumentStore } from '../store/documentStore.ts'
import { checkJob } from './jobCheck.ts'

/**
 * `jobs.submit`: the same as pushing the document, but what is wrong with it is said at once. Sending the same job again is fine.
 * Errors: NOT_ALLOWED (another owner's), JOB_INVALID, FRAMES_EMPTY, FRAMES_TOO_MANY.
 */
export function createSubmitJob(store: DocumentStore): NonNullable<CallHandlers['jobs.submit']> {
  return async (session, { job }) => {
    if (session !== 'operator' && session.ownerId !== job.ownerId) return err(appError('NOT_ALLOWED'))
    const mistake = checkJob(job)
    if (mistake) return err(mistake)
    const [outcome] = await store.write(job.ownerId, 'jobs', [{ document: job, rev: null }])
    if (outcome && !outcome.written && !jsonEquals(outcome.current?.document, job))
      return err(appError('JOB_INVALID', { reason: 'there is another job with this id' }))
    return ok({ jobId: job.id })
  }
}
