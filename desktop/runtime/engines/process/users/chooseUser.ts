import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { durations } from '#shared/durations.ts'
import type { Logger } from '#shared/log.ts'
import { containsItself } from '../containsItself.ts'
import type { Command, ContainedRun, ContainmentLevel } from '../containment.ts'
import type { RunUser, RunUsers } from './runUsers.ts'

const execute = promisify(execFile)

export interface UserChooser {
  /** null: the run keeps the rights of this process. Release what is given when the run has ended. */
  userFor(run: ContainedRun, how: ContainmentLevel): Promise<RunUser | null>
  /** Whether runs have users of their own here; false as well after one that should have had one and could not. */
  areUsed(): Promise<boolean>
}

export interface UserChooserParts {
  /** Called once; null: there are none here. */
  find: () => Promise<RunUsers | null>
  /** The whole command that runs a program in its containment as that user. */
  wrapped: (run: ContainedRun, how: ContainmentLevel, user: RunUser) => Promise<Command>
  log: Logger
}

/** Which runs are users of their own. */
export function createUserChooser({ find, wrapped, log }: UserChooserParts): UserChooser {
  let found: Promise<RunUsers | null> | null = null
  const users = () => (found ??= find())
  let wentWithout = false

  /** Tried for real: the program or the way to a folder may be somebody's own, such as root's home. null: it can do its work. */
  async function reasonAgainst(user: RunUser, run: ContainedRun, how: ContainmentLevel): Promise<string | null> {
    try {
      await user.handOver(run)
      const paths = [...run.access.readOnly.map((path) => ['-r', path]), ...run.access.writable.map((path) => ['-w', path])]
      const script = 'test -x "$1" || exit 1; shift; while [ $# -gt 0 ]; do test "$1" "$2" || exit 1; shift 2; done'
      const look = { ...run, command: '/bin/sh', args: ['-c', script, 'sh', run.command, ...paths.flat()] }
      const access = { ...run.access, readOnly: [...run.access.readOnly, dirname(run.command)] }
      const { command, args } = await wrapped({ ...look, access }, how, user)
      await execute(command, [...args], { cwd: run.cwd, timeout: durations.killGraceMs })
      return null
    } catch (thrown) {
      return `its files cannot be reached: ${String(thrown).slice(0, 500)}`
    }
  }

  const notTaken = (thrown: unknown): null => {
    log.warn('a user for a run could not be taken', { reason: String(thrown) })
    return null
  }

  return {
    async userFor(run, how) {
      // A look at one's own scenes may read every file, as its owner may.
      if (run.ownSandbox === true || run.access.view === 'disk' || containsItself(run.command)) return null
      const all = await users()
      if (all === null) return null
      // A display lets in only who started it.
      const user = run.access.display ? null : await all.take().catch(notTaken)
      const reason = user !== null ? await reasonAgainst(user, run, how) : run.access.display ? 'it draws on a display' : 'none is free'
      wentWithout = reason !== null
      if (reason === null) return user
      log.warn('a run stays with the rights of this process, without a user of its own', { reason })
      await user?.release()
      return null
    },
    areUsed: async () => (await users()) !== null && !wentWithout,
  }
}
