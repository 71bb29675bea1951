import { readdirSync } from 'node:fs'
import { programName } from '#shared/rules/preferenceHolds.ts'
import { createSmallFileReader } from './smallFiles.ts'

/** A process may become another program shortly after its start: young ones are read again. */
const youngLooks = 3
/** All of them are read again now and then, should a number have been given to another process between two looks. */
const fullEveryLooks = 20

interface Known {
  names: readonly string[]
  looks: number
}

/**
 * The names of all running programs but those that this process started. A look costs one listing of `/proc` and a small read for each new
 * process. A program goes by its name in the kernel (at most 15 characters) and by the one it was started with.
 */
export function createProgramList(ownPid: number = process.pid, root = '/proc') {
  const known = new Map<string, Known>()
  let looks = 0
  const read = createSmallFileReader(4_096)
  const namesOf = (pid: string): string[] => {
    const started = read(`${root}/${pid}/cmdline`).split('\0')[0] ?? ''
    return [...new Set([programName(read(`${root}/${pid}/comm`)), programName(started)])].filter((name) => name !== '')
  }
  /** Ours is what descends from us, however deep. Links of the chain that are gone end it. */
  const isOurs = (pid: string): boolean => {
    for (let at = pid, depth = 0; depth < 32; depth++) {
      if (Number(at) === ownPid) return true
      const parent = /^\d+ \(.*\) \S (\d+) /s.exec(read(`${root}/${at}/stat`))?.[1]
      if (parent === undefined || parent === '0' || parent === '1') return Number(parent) === ownPid
      at = parent
    }
    return false
  }
  return {
    look(): ReadonlySet<string> {
      if (looks++ % fullEveryLooks === 0) known.clear()
      const alive = readdirSync(root).filter((name) => /^\d+$/.test(name))
      const seen = new Set(alive)
      for (const pid of known.keys()) if (!seen.has(pid)) known.delete(pid)
      for (const pid of alive) {
        const before = known.get(pid)
        if (before !== undefined && before.looks >= youngLooks) continue
        known.set(pid, { names: isOurs(pid) ? [] : namesOf(pid), looks: (before?.looks ?? 0) + 1 })
      }
      return new Set([...known.values()].flatMap(({ names }) => names))
    },
  }
}
