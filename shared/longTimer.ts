import type { Clock } from './log.ts'

/** JavaScript counts a timer's delay in 31 bits: a longer one (25 days) would end at once, and again, and again. */
const longestMs = 2_147_483_647

/** A clock's `after`, for delays of any length, from one for short delays. */
export function longTimer(start: Clock['after']): Clock['after'] {
  const after: Clock['after'] = (delayMs, callback) => {
    if (!(delayMs > longestMs)) return start(delayMs, callback)
    let cancel = start(longestMs, () => {
      cancel = after(delayMs - longestMs, callback)
    })
    return () => cancel()
  }
  return after
}
