import { z } from 'zod'
import { durations } from '../durations.ts'

/**
 * How far this computer's clock is to be believed where something is thrown away for its age. A clock that was set a year ahead (a dead battery, a
 * wrong entry) makes everything old at once; until it has run evenly for a while, nothing goes.
 */
export const clockTrustSchema = z.object({
  /** At the last look: the clock on the wall, … */
  wallMs: z.number(),
  /** … and how long the computer ran since it was started, sleep included. */
  upMs: z.number(),
  /** How long both went on together, as far as it was looked. */
  evenMs: z.number(),
})
export type ClockTrust = z.infer<typeof clockTrustSchema>

/** Clocks are steered, and looks are not taken at one instant. */
const driftMs = 5 * 60_000
/** A computer that was off for longer may as well have a clock that jumped: nobody can tell. */
const offAtMostMs = 7 * 86_400_000

/** Looks again; `before` as the last look left it, kept over restarts. Pure. */
export function lookAtClock(before: ClockTrust | null, now: Pick<ClockTrust, 'wallMs' | 'upMs'>): ClockTrust {
  if (before === null) return { ...now, evenMs: 0 }
  const wall = now.wallMs - before.wallMs
  const up = now.upMs - before.upMs
  const evenMs = Math.min(before.evenMs, durations.clockTrustedAfterMs)
  // The computer was started anew since: it was off, for some time that only its clock knows.
  if (up < 0) return { ...now, evenMs: wall > -driftMs && wall < offAtMostMs ? evenMs : 0 }
  return { ...now, evenMs: Math.abs(wall - up) < driftMs ? evenMs + up : 0 }
}

export const isClockTrusted = ({ evenMs }: ClockTrust): boolean => evenMs >= durations.clockTrustedAfterMs
