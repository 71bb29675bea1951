import { execFileSync } from 'node:child_process'
import { renameSync, writeFileSync } from 'node:fs'

/** A clock of a computer that a test moves while its processes run. */
export interface MovedClock {
  /** What the processes are started with. */
  env: Record<string, string>
  /** Moves it by so much from where it is. */
  move(seconds: number): void
}

/**
 * By libfaketime, so that the processes are those of the product, untouched.
 * @param file for this clock alone
 * @param kind `set`: the clock on the wall is set, as a person or a time server does it, and no time passes. `passes`: time passes, by all clocks, and
 * every timer that is due ends.
 */
export function movedClock(file: string, kind: 'set' | 'passes'): MovedClock {
  let offset = 0
  // Whole at any time: the processes read it with every look at the clock.
  const write = () => {
    writeFileSync(`${file}.next`, `${offset < 0 ? '' : '+'}${offset}\n`)
    renameSync(`${file}.next`, file)
  }
  write()
  const library = execFileSync('faketime', ['-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim()
  return {
    env: {
      ...{ LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1' },
      FAKETIME_DONT_FAKE_MONOTONIC: kind === 'set' ? '1' : '0',
    },
    move(seconds) {
      offset += seconds
      write()
    },
  }
}
