import type { Preferences } from '../collections/preferences.schema.ts'
import { hoursNow } from './weeklyHours.ts'

/** What a computer says of itself at one moment. null: it cannot be told here. */
export interface MachineMoment {
  /** Since the last key or movement; Infinity where nobody can be at the screen. */
  idleMs: number | null
  fullScreen: boolean | null
  /** Lower-case names of running programs, ours left out. */
  programs: ReadonlySet<string>
  /** Of all cores together, by programs that are not ours; smoothed over some seconds. */
  otherCpuPercent: number | null
  /** Of the card that others use most. */
  otherGpuPercent: number | null
  onBattery: boolean | null
  metered: boolean | null
  /** The hottest card that is rendered on. */
  hottestC: number | null
  /** Renders run on a card, not on the processor. */
  usesGpu: boolean
}

export type PreferenceCode =
  'SCHEDULE' | 'USER_ACTIVE' | 'FULL_SCREEN' | 'EXCLUDED_APP' | 'CPU_BUSY' | 'GPU_BUSY' | 'ON_BATTERY' | 'METERED' | 'TOO_HOT'

/** What "work anyway" lifts: everything a person may decide about for an hour. Not the heat. */
const liftable: readonly string[] = [
  'SCHEDULE',
  'USER_ACTIVE',
  'FULL_SCREEN',
  'EXCLUDED_APP',
  'CPU_BUSY',
  'GPU_BUSY',
  'ON_BATTERY',
  'METERED',
] satisfies PreferenceCode[]
export const mayBeLifted = (code: string): boolean => liftable.includes(code)

/** The preferences that count while the computer is to work anyway. */
export const evenAnyway = ({ maxTemperatureC, resumeTemperatureC, whenHeld }: Preferences): Preferences => ({
  ...(maxTemperatureC === undefined ? {} : { maxTemperatureC }),
  ...(resumeTemperatureC === undefined ? {} : { resumeTemperatureC }),
  ...(whenHeld === undefined ? {} : { whenHeld }),
})

export interface PreferenceHold {
  code: PreferenceCode
  /** When it ends, where that is known. */
  untilMs: number | null
  /** What it is about: the program, the temperature to cool down to. */
  details: Record<string, string | number>
}

const minuteMs = 60_000
const coolByC = 10
/** What is held for load goes on at this share of the limit, so that our own stopping and starting does not swing it. */
const calmShare = 0.8

/**
 * Which holds the preferences ask for at this moment. Pure. `before`: the codes that held until now, because heat and load end a hold later
 * than they begin one. What cannot be told holds nothing, except idle time: who asked for an idle computer must never be disturbed.
 */
export function holdsNow(
  wanted: Preferences,
  facts: MachineMoment,
  nowMs: number,
  zone: string,
  before: ReadonlySet<string> = new Set(),
): PreferenceHold[] {
  const holds: PreferenceHold[] = []
  const hold = (code: PreferenceCode, details: PreferenceHold['details'] = {}, untilMs: number | null = null) =>
    holds.push({ code, untilMs, details })

  if (wanted.computeHours !== undefined) {
    const hours = hoursNow(wanted.computeHours, nowMs, zone)
    if (!hours.inside) hold('SCHEDULE', {}, hours.untilMs)
  }
  const program = excludedProgram(wanted, facts)
  if (program !== null) hold('EXCLUDED_APP', { program })
  if (wanted.notInFullScreen === true && facts.fullScreen === true) hold('FULL_SCREEN')
  if (wanted.idleMinutes !== undefined) {
    const neededMs = wanted.idleMinutes * minuteMs
    // It ends then, unless somebody touches the computer again.
    if (facts.idleMs === null) hold('USER_ACTIVE', { minutes: wanted.idleMinutes, known: 0 })
    else if (facts.idleMs < neededMs)
      hold('USER_ACTIVE', { minutes: wanted.idleMinutes, known: 1 }, Math.ceil(nowMs + neededMs - facts.idleMs))
  }
  if (wanted.notOnBattery === true && facts.onBattery === true) hold('ON_BATTERY')
  if (wanted.notOnMetered === true && facts.metered === true) hold('METERED')
  const busy = (code: 'CPU_BUSY' | 'GPU_BUSY', limit: number | undefined, percent: number | null) => {
    if (limit === undefined || percent === null) return
    if (percent > (before.has(code) ? limit * calmShare : limit)) hold(code, { limit })
  }
  busy('CPU_BUSY', wanted.otherCpuPercent, facts.otherCpuPercent)
  busy('GPU_BUSY', wanted.otherGpuPercent, facts.otherGpuPercent)
  const { maxTemperatureC } = wanted
  if (maxTemperatureC !== undefined && facts.hottestC !== null) {
    const resumeC = resumeTemperature(wanted)
    const tooHot = before.has('TOO_HOT') ? facts.hottestC > resumeC : facts.hottestC >= maxTemperatureC
    if (tooHot) hold('TOO_HOT', { resumeC })
  }
  return holds
}

/** Below the limit in any case, or a hold would end in the moment in which it began. */
export function resumeTemperature({ maxTemperatureC = Infinity, resumeTemperatureC }: Preferences): number {
  return Math.min(resumeTemperatureC ?? maxTemperatureC - coolByC, maxTemperatureC - 1)
}

/** The name under which a program is looked for: lower case, without folder and `.exe`. */
export const programName = (name: string): string =>
  name
    .trim()
    .replace(/^.*[/\\]/, '')
    .replace(/\.exe$/i, '')
    .toLowerCase()

function excludedProgram({ excludedApps = [], excludedGpuApps = [] }: Preferences, { programs, usesGpu }: MachineMoment): string | null {
  const looked = usesGpu ? [...excludedApps, ...excludedGpuApps] : excludedApps
  return looked.find((name) => programs.has(programName(name))) ?? null
}

/** Which facts a set of preferences needs; nothing else is measured. */
export interface NeededFacts {
  idle: boolean
  fullScreen: boolean
  programs: boolean
  cpu: boolean
  gpu: boolean
  battery: boolean
  metered: boolean
  temperature: boolean
  /** The clock alone may begin or end a hold. */
  hours: boolean
}

export const neededFacts = (wanted: Preferences): NeededFacts => ({
  idle: wanted.idleMinutes !== undefined,
  fullScreen: wanted.notInFullScreen === true,
  programs: (wanted.excludedApps?.length ?? 0) + (wanted.excludedGpuApps?.length ?? 0) > 0,
  cpu: wanted.otherCpuPercent !== undefined,
  gpu: wanted.otherGpuPercent !== undefined,
  battery: wanted.notOnBattery === true,
  metered: wanted.notOnMetered === true,
  temperature: wanted.maxTemperatureC !== undefined,
  hours: wanted.computeHours !== undefined,
})
