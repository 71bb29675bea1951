import type { Preferences } from '#shared/collections/preferences.schema.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { evenAnyway, holdsNow, neededFacts, type MachineMoment, type PreferenceHold } from '#shared/rules/preferenceHolds.ts'
import type { Holds } from '../node/holds.ts'
import type { MachineProbes } from './probes.ts'

/** An excluded program holds within 2 s: the looks are a second apart, and programs are listed at each. */
const lookEveryMs = 1_000

/** What is measured elsewhere: by the telemetry, which runs anyway while it matters. */
export interface CardFacts {
  hottestC: number | null
  otherGpuPercent: number | null
  usesGpu: boolean
}

export interface WatchPreferencesOptions {
  probes: MachineProbes
  holds: Holds
  cards: () => CardFacts
  clock: Clock
  serverNow: () => number
  log: Logger
  /** It is to work although a preference would hold it. */
  anyway?: () => boolean
  /** IANA name; default: the zone of this computer, read again at each look because laptops travel. */
  zone?: () => string
}

export interface PreferenceWatch {
  /** The owner's preferences as they are known now; holds follow at once, also without a line. */
  setWanted(wanted: Preferences | null): void
  current(): Preferences
  /** Look now: something else that counts has changed. */
  wake(): void
  stop(): void
}

/** Keeps the holds that the preferences ask for. Without preferences nothing is measured and no timer runs. */
export function watchPreferences({
  probes,
  holds,
  cards,
  clock,
  serverNow,
  log,
  anyway = () => false,
  zone = ownZone,
}: WatchPreferencesOptions): PreferenceWatch {
  let wanted: Preferences = {}
  let held = new Set<string>()
  let cancel = () => undefined as void
  let looking = false
  let again = false
  let stopped = false

  const apply = (found: readonly PreferenceHold[]) => {
    const codes = new Set<string>(found.map(({ code }) => code))
    for (const code of held) if (!codes.has(code)) holds.clear(code)
    const afterFrame = wanted.whenHeld === 'afterFrame'
    for (const { code, untilMs, details } of found) {
      // The end of idle time moves with every key: written down it would be a document a second.
      const expected = code === 'SCHEDULE' && untilMs !== null ? { expectedMs: untilMs + serverNow() - clock.now() } : {}
      holds.set(code, { blocks: !afterFrame, afterFrame, details, ...expected })
    }
    for (const { code, details } of found) if (!held.has(code)) log.info('held back by a preference', { code, ...details })
    held = codes
  }
  const look = async () => {
    const asked = wanted
    const counting = anyway() ? evenAnyway(asked) : asked
    const needed = neededFacts(counting)
    const measured = Object.entries(needed).some(([fact, is]) => is && fact !== 'hours')
    if (measured || needed.hours) {
      const facts: MachineMoment = { ...(await probes.look(needed)), ...cards() }
      // Wishes may have changed while it was looked.
      if (!stopped && asked === wanted) apply(holdsNow(counting, facts, clock.now(), zone(), held))
    } else apply([])
    return measured || needed.hours ? lookEveryMs : null
  }
  const run = () => {
    cancel()
    if (stopped) return
    if (looking) return void (again = true)
    looking = true
    look()
      .catch((error: unknown) => {
        log.warn('the preferences could not be looked at', { reason: String(error) })
        return lookEveryMs
      })
      .then((nextMs) => {
        looking = false
        if (stopped) return
        if (again) {
          again = false
          run()
        } else if (nextMs !== null) cancel = clock.after(nextMs, run)
      })
      .catch((error: unknown) => log.error('the preferences are not watched any more', { reason: String(error) }))
  }
  return {
    setWanted(next) {
      wanted = next ?? {}
      run()
    },
    current: () => wanted,
    wake: run,
    stop() {
      stopped = true
      cancel()
      probes.stop()
    },
  }
}

const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone
