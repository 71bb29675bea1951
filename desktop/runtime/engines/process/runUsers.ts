import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { durations } from '#shared/durations.ts'
import { cardDevice } from './cardDevice.ts'
import type { Access, Command } from './containment.ts'

const run = promisify(execFile)
/** Users that nobody is: systemd and Debian leave these numbers alone. One for each run at a time, so that none can signal or count as another. */
const firstUser = 60_600
const usersAtMost = 64
/** All runs have one group, which may read what is given to them. */
const group = firstUser

/** A user without any right that a run has for itself as long as it lasts. */
export interface RunUser {
  uid: number
  /** The command that becomes this user, with at most so many processes and threads, and then the program. */
  inside(command: Command): Command
  /** Gives it the run's folders: those to write in are its own, those of ours to read may be read. */
  handOver(access: Omit<Access, 'hidden'>): Promise<void>
  /** Ends whatever of it is left. */
  release(): Promise<void>
}

export interface RunUsers {
  /** null: as many run as there are users. */
  take(): RunUser | null
}

export interface RunUsersOptions {
  /** Processes and threads at once: what the kernel counts for each user that is not root. */
  tasks: number
  /** Folders of ours, in which rights may be changed. */
  own: readonly string[]
}

/** null: not started by root, so that a run is no more than we are, or the tools for it are not here. */
export async function findRunUsers({ tasks, own }: RunUsersOptions): Promise<RunUsers | null> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null
  const groups = await cardGroups()
  const taken = new Set<number>()
  const become = (uid: number): string[] => [
    ...['prlimit', `--nproc=${tasks}:${tasks}`, 'setpriv', `--reuid=${uid}`, `--regid=${group}`],
    ...[groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`, '--inh-caps=-all', '--no-new-privs', '--'],
  ]
  const asUser = async (uid: number, args: readonly string[]) => {
    const [command = '', ...rest] = [...become(uid), ...args]
    await run(command, rest, { timeout: durations.killGraceMs })
  }
  try {
    await asUser(firstUser, ['true'])
  } catch {
    return null
  }
  const makeUser = (uid: number): RunUser => ({
    uid,
    inside({ command, args }) {
      const [first = '', ...rest] = [...become(uid), command, ...args]
      return { command: first, args: rest }
    },
    async handOver({ readOnly, writable }) {
      const ours = (path: string) => own.find((root) => isInside(path, root))
      for (const path of [...readOnly, ...writable]) {
        const root = ours(path)
        // The way there may be gone, and not looked around on.
        for (let at = dirname(path); root !== undefined && isInside(at, root); at = dirname(at)) {
          await run('chgrp', [String(group), at])
          await run('chmod', ['g+x', at])
        }
      }
      const toRead = readOnly.filter((path) => ours(path) !== undefined)
      if (toRead.length > 0) await run('chgrp', ['-Rh', String(group), ...toRead])
      if (toRead.length > 0) await run('chmod', ['-R', 'g+rX', ...toRead])
      if (writable.length > 0) await run('chown', ['-Rh', `${uid}:${group}`, ...writable])
    },
    async release() {
      // As that user: it reaches all its processes and no others. That there are none is the usual case.
      await asUser(uid, ['sh', '-c', 'kill -9 -1']).catch(() => undefined)
      taken.delete(uid)
    },
  })
  return {
    take() {
      for (let uid = firstUser; uid < firstUser + usersAtMost; uid += 1) {
        if (taken.has(uid)) continue
        taken.add(uid)
        return makeUser(uid)
      }
      return null
    },
  }
}

const isInside = (path: string, root: string): boolean => {
  const way = relative(root, path)
  return way === '' || (!way.startsWith('..') && !way.startsWith('/'))
}

/** Groups that may open the cards' devices: `render` and `video` on most systems. */
async function cardGroups(): Promise<number[]> {
  const names = (await readdir('/dev').catch(() => [])).filter((name) => cardDevice.test(name))
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join('/dev', name)
      const inside = await readdir(path).catch(() => [])
      return Promise.all([path, ...inside.map((one) => join(path, one))].map((one) => stat(one).catch(() => null)))
    }),
  )
  return [...new Set(found.flat().flatMap((one) => (one === null || one.gid === 0 ? [] : [one.gid])))]
}
