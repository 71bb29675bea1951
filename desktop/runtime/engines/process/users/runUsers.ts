import { execFile } from 'node:child_process'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { durations } from '#shared/durations.ts'
import type { Logger } from '#shared/log.ts'
import { cardDevice } from '../cardDevice.ts'
import type { Command, ContainedRun } from '../containment.ts'
import { giveFolder, isInside, openWay, ownedFolder, readersGroup, shareFolder, showFolder } from './runFolders.ts'
import { openUserNumbers } from './userNumbers.ts'

const run = promisify(execFile)

/** A user without any right, which a run has for itself as long as it lasts. */
export interface RunUser {
  uid: number
  /** The command that becomes this user, with at most so many processes and threads, and then the program. */
  inside(command: Command): Command
  /** Gives it the run's folders: those it may fill are its own, others to write in are of all runs, those of ours to read may be read. */
  handOver(run: Pick<ContainedRun, 'access' | 'folders'>): Promise<void>
  /** Ends whatever of it is left, and takes its folders back. */
  release(): Promise<void>
}

export interface RunUsers {
  /** null: there is none at the moment. */
  take(): Promise<RunUser | null>
}

export interface RunUsersOptions {
  /** Processes and threads at once: what the kernel counts for each user that is not root. */
  tasks: number
  /** Folders of ours, in which rights may be changed. */
  own: readonly string[]
  log: Logger
  /** For tests. */
  numbersFolder?: string
}

/**
 * Users for runs where the node was started by root and the kernel gives no groups. null: whoever starts it is no more than somebody without rights
 * to begin with, or what it takes is not here. What an earlier node left is ended and taken back first.
 */
export async function findRunUsers({ tasks, own, log, numbersFolder }: RunUsersOptions): Promise<RunUsers | null> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null
  const groups = [readersGroup, ...(await cardGroups())].join(',')
  const become = (uid: number): string[] => [
    ...['prlimit', `--nproc=${tasks}:${tasks}`, 'setpriv', `--reuid=${uid}`, `--regid=${uid}`, `--groups=${groups}`],
    ...['--inh-caps=-all', '--no-new-privs', '--'],
  ]
  try {
    const [command = '', ...args] = [...become(readersGroup), 'true']
    await run(command, args, { timeout: durations.killGraceMs })
  } catch (thrown) {
    log.info('runs have no users of their own here', { reason: String(thrown) })
    return null
  }
  const numbers = openUserNumbers(log, numbersFolder)
  const reaped = (await numbers?.reap()) ?? 0
  if (reaped > 0) log.warn('what runs of an earlier start left was ended and taken back', { runs: reaped })
  if (numbers === null) return null
  return {
    async take() {
      const number = await numbers.take()
      if (number === null) return null
      const { uid } = number
      return {
        uid,
        inside({ command, args }) {
          const [start = '', ...rest] = [...become(uid), command, ...args]
          return { command: start, args: rest }
        },
        async handOver({ access, folders }) {
          for (const path of [...access.readOnly, ...access.writable])
            for (const root of own) if (isInside(path, root)) await openWay(root, path)
          for (const path of access.readOnly) if (own.some((root) => isInside(path, root))) await showFolder(path)
          for (const path of access.writable) {
            if (!folders.includes(path)) {
              await shareFolder(path)
              continue
            }
            number.note(await ownedFolder(path))
            await giveFolder(path, uid)
          }
        },
        async release() {
          await number
            .release()
            .catch((thrown: unknown) => log.error('folders of a run could not be taken back', { uid, reason: String(thrown) }))
        },
      }
    },
  }
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
