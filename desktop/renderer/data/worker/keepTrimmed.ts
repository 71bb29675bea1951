import type { Clock, Logger } from '#shared/log.ts'
import type { Database } from './database.ts'
import { collectionsToTrim } from './trimDatabase.ts'

/** A page that stays open for days takes in everything that comes. */
const lookEveryMs = 3_600_000
/** Nobody looks, or looks without touching anything, as at a screen on a wall: now the page may begin anew. */
const untouchedMs = 600_000

/**
 * Says from time to time that a page's database has outgrown its windows and can be begun anew, as it is when a page opens.
 * @param isAlone whether no other page has the database open @param isUntouched whether nobody did anything here for so long
 * @returns what ends it
 */
export function keepTrimmed(parts: {
  database: Database
  clock: Clock
  log: Logger
  isAlone: () => Promise<boolean>
  isUntouched: (forMs: number) => boolean
  renew: () => void
}): () => void {
  const { database, clock, log, isAlone, isUntouched, renew } = parts
  let isStopped = false
  let cancel = clock.after(lookEveryMs, look)
  function look(): void {
    cancel = clock.after(lookEveryMs, look)
    if (!isUntouched(untouchedMs)) return
    isDue().then(
      (due) => {
        if (due && !isStopped) renew()
      },
      (thrown: unknown) => {
        if (!isStopped) log.warn('the page could not see whether it holds too much', { reason: String(thrown) })
      },
    )
  }
  const isDue = async (): Promise<boolean> => (await isAlone()) && (await collectionsToTrim(database)).length > 0
  return () => {
    isStopped = true
    cancel()
  }
}
