import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { pageClock } from '../pageClock.ts'

/** @returns what `work` gives; rejects with TIMED_OUT when that takes longer */
export async function within<Value>(work: Promise<Value>, ms: number): Promise<Value> {
  let cancel: () => void = () => undefined
  const late = new Promise<never>((_resolve, reject) => {
    const error = appError('TIMED_OUT', { what: 'the data of this page', seconds: ms / 1_000 })
    cancel = pageClock.after(ms, () => reject(new AppErrorException(error)))
  })
  try {
    return await Promise.race([work, late])
  } finally {
    cancel()
  }
}
