import { uptime } from 'node:os'
import type { Clock, Logger } from '#shared/log.ts'
import { clockTrustSchema, isClockTrusted, lookAtClock } from '#shared/rules/clockTrust.ts'
import type { LocalDatabase } from '../database/localDatabase.ts'
import type { ServerClock } from './serverClock.ts'

const fact = 'clockTrust'

/** Asked before anything of this node is thrown away because it is old. */
export interface AgeGuard {
  /** Looks at the clock. No: it was set, it is not the server's, or nobody knows yet; nothing goes now. */
  areAgesTrue(): boolean
}

export function createAgeGuard(parts: {
  local: Pick<LocalDatabase, 'readFact' | 'writeFact'>
  clock: Clock
  serverClock: Pick<ServerClock, 'isWallWrong'>
  log: Logger
  /** How long this computer runs, sleep included; asks the system when absent. */
  upMs?: () => number
}): AgeGuard {
  const { local, clock, serverClock, log, upMs = () => uptime() * 1_000 } = parts
  return {
    areAgesTrue() {
      const before = clockTrustSchema.safeParse(JSON.parse(local.readFact(fact) ?? 'null')).data ?? null
      const now = lookAtClock(before, { wallMs: clock.now(), upMs: upMs() })
      local.writeFact(fact, JSON.stringify(now))
      const trusted = isClockTrusted(now) && !serverClock.isWallWrong()
      if (before !== null && isClockTrusted(before) && !trusted)
        log.warn('the clock was set, or is wrong: what is old stays until it has run evenly for some hours')
      return trusted
    },
  }
}
