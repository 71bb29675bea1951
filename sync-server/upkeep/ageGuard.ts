import { uptime } from 'node:os'
import type { Clock, Logger } from '#shared/log.ts'
import { isClockTrusted, lookAtClock, type ClockTrust } from '#shared/rules/clockTrust.ts'
import type { DocumentStore, PrivateDocument } from '../store/documentStore.ts'

/** Asked before anything is thrown away because it is old. */
export interface AgeGuard {
  /** Looks at the clock. No: it was set, or it is not known yet whether it was; nothing goes now. Ask about once an hour. */
  areAgesTrue(): Promise<boolean>
}

type KeptTrust = PrivateDocument & ClockTrust

/** What it saw is kept in the store, so that a restart does not hide a jump. */
export function createAgeGuard(parts: {
  store: Pick<DocumentStore, 'updatePrivate'>
  gatewayId: string
  clock: Clock
  log: Logger
  /** How long this computer runs, sleep included; asks the system when absent. */
  upMs?: () => number
}): AgeGuard {
  const { store, clock, log, upMs = () => uptime() * 1_000 } = parts
  const id = `clock-${parts.gatewayId}`
  let wasTrusted = false
  return {
    async areAgesTrue() {
      const kept = await store.updatePrivate<KeptTrust>('server', id, (before) => ({
        id,
        ...lookAtClock(before, { wallMs: clock.now(), upMs: upMs() }),
      }))
      const trusted = kept !== null && isClockTrusted(kept)
      if (wasTrusted && !trusted) log.warn('the clock was set: what is old stays until it has run evenly for some hours')
      wasTrusted = trusted
      return trusted
    },
  }
}
