import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Clock } from '#shared/log.ts'
import { programName } from '#shared/rules/preferenceHolds.ts'
import { atMost } from './linux/linuxProbes.ts'
import { nothingKnown, type MachineProbes, type Mean } from './probes.ts'

const timeoutMs = 5_000
const idleEveryMs = 2_000
const programsEveryMs = 2_000
const batteryEveryMs = 5_000

/** From the system's own tools. Written after their manuals and tested with recorded output; never run on a Mac. */
export function createMacProbes(clock: Clock): MachineProbes {
  const idle = atMost(clock, idleEveryMs, async () => readHidIdle(await run('ioreg', ['-c', 'IOHIDSystem', '-d', '4'])))
  const programs = atMost(clock, programsEveryMs, async () => readProgramPaths(await run('ps', ['-axo', 'comm='])))
  const battery = atMost(clock, batteryEveryMs, async () => readPmset(await run('pmset', ['-g', 'batt'])))
  return {
    async look(needed) {
      return {
        ...nothingKnown,
        idleMs: needed.idle ? await idle() : null,
        programs: needed.programs ? await programs() : nothingKnown.programs,
        onBattery: needed.battery ? await battery() : null,
      }
    },
    means: () => Promise.resolve(means),
    stop: () => undefined,
  }
}

const means: Mean[] = [
  { fact: 'idle', how: 'ioreg', state: 'unverified' },
  { fact: 'fullScreen', how: '', state: 'missing' },
  { fact: 'programs', how: 'ps', state: 'unverified' },
  { fact: 'cpu', how: '', state: 'missing' },
  { fact: 'battery', how: 'pmset', state: 'unverified' },
  { fact: 'metered', how: '', state: 'missing' },
]

const run = async (command: string, args: string[]): Promise<string> =>
  (await promisify(execFile)(command, args, { timeout: timeoutMs, maxBuffer: 8 * 1024 * 1024 }).catch(() => null))?.stdout ?? ''

/** `"HIDIdleTime" = 1234567890`, nanoseconds. */
export function readHidIdle(text: string): number | null {
  const nanoseconds = /"HIDIdleTime" = (\d+)/.exec(text)?.[1]
  return nanoseconds === undefined ? null : Math.floor(Number(nanoseconds) / 1_000_000)
}

export const readProgramPaths = (text: string): ReadonlySet<string> =>
  new Set(
    text
      .split('\n')
      .map(programName)
      .filter((name) => name !== ''),
  )

/** `Now drawing from 'Battery Power'`; a Mac without a battery draws from `AC Power`. */
export function readPmset(text: string): boolean | null {
  const source = /Now drawing from '(.+?)'/.exec(text)?.[1]
  return source === undefined ? null : source === 'Battery Power'
}
