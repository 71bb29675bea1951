import { randomInt } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import type { Logger } from '#shared/log.ts'
import { endProcessesOf, ownersOfProcesses } from './ownersOfProcesses.ts'
import { takeBack, type GivenFolder } from './runFolders.ts'

/** Numbers that systemd, Debian and the tools for user namespaces leave to nobody. The one before them is the group of all runs. */
const first = 60_707
const last = 61_183
/** Of that many at random it is most unlikely that none is free, while looking at all of them would take long. */
const triesAtMost = 40

const recordSchema = z.object({
  /** Of the system's start: processes of another one are gone, and their numbers may be anybody's. */
  boot: z.string(),
  folders: z.array(z.object({ path: z.string(), uid: z.int(), gid: z.int() })),
})
type Record = z.infer<typeof recordSchema>

/** A number that is nobody else's on this computer until `release`. */
export interface UserNumber {
  uid: number
  /** Written down, so that it is taken back also after a crash of ours. */
  note(folder: GivenFolder): void
  /** Ends what runs under it and takes back what it was given. False: something of it could not be ended; its number stays taken. */
  release(): Promise<boolean>
}

export interface UserNumbers {
  /** null: none was free. */
  take(): Promise<UserNumber | null>
  /** Looks after what a node left that was killed: its processes end, its folders go back. How many there were. */
  reap(): Promise<number>
}

/**
 * Who has which number is settled for all nodes of a computer in one folder that only root may enter: a lock of the system's for each number in use (SQLite's,
 * which a process that dies loses by itself), and beside it the record of what has to be taken back. It need not outlive the system.
 * null: the folder cannot be made, or is somebody else's.
 */
export function openUserNumbers(log: Logger, folder = '/run/pictor-worker/users'): UserNumbers | null {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const found = lstatSync(folder)
    if (!found.isDirectory() || found.uid !== 0 || (found.mode & 0o022) !== 0) throw new Error('it is not a folder of root’s alone')
  } catch (thrown) {
    log.warn('runs have no users of their own: there is no place to settle their numbers', { folder, reason: String(thrown) })
    return null
  }
  const recordOf = (uid: number) => join(folder, `${uid}.json`)
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

  /** Only under its lock. */
  async function clean(uid: number, { boot: then, folders }: Record): Promise<boolean> {
    if (then === boot && !(await endProcessesOf(uid))) {
      log.error('processes of a run could not be ended; its user is not used again', { uid })
      return false
    }
    for (const one of folders) await takeBack(one, uid)
    rmSync(recordOf(uid), { force: true })
    return true
  }

  async function tryTaking(uid: number): Promise<UserNumber | null> {
    const unlock = lock(join(folder, `${uid}.lock`))
    if (unlock === null) return null
    const left = readRecord(recordOf(uid), boot)
    // Looked at under the lock: from now on no node begins anything with it.
    if ((left !== null && !(await clean(uid, left))) || (await ownersOfProcesses()).some(({ users }) => users.includes(uid))) {
      unlock()
      return null
    }
    const record: Record = { boot, folders: [] }
    const write = () => writeFileSync(recordOf(uid), JSON.stringify(record), { mode: 0o600 })
    write()
    return {
      uid,
      note(given) {
        record.folders.push(given)
        write()
      },
      async release() {
        const isClean = await clean(uid, record)
        if (isClean) unlock()
        return isClean
      },
    }
  }

  return {
    async take() {
      const theirs = new Set((await ownersOfProcesses()).flatMap(({ users, group }) => [...users, group]))
      const named = await namedNumbers()
      for (let tries = 0; tries < triesAtMost; tries += 1) {
        const uid = randomInt(first, last + 1)
        const taken = theirs.has(uid) || named.has(uid) ? null : await tryTaking(uid)
        if (taken !== null) return taken
      }
      return null
    },
    async reap() {
      let count = 0
      for (const name of readdirSync(folder)) {
        const uid = Number(/^(\d+)\.json$/.exec(name)?.[1])
        if (!(uid >= first && uid <= last)) continue
        const unlock = lock(join(folder, `${uid}.lock`))
        // A node has it that lives.
        if (unlock === null) continue
        const left = readRecord(recordOf(uid), boot)
        if (left !== null && (await clean(uid, left))) count += 1
        unlock()
      }
      return count
    },
  }
}

/** null: somebody has it, in this process or another. */
function lock(path: string): (() => void) | null {
  let database: DatabaseSync | null = null
  try {
    database = new DatabaseSync(path, { timeout: 0 })
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    const held = database
    return () => held.close()
  } catch {
    database?.close()
    return null
  }
}

/** null: it was released in order. One that was cut off while it was written names no folders, but processes there may be. */
function readRecord(path: string, boot: string): Record | null {
  try {
    const parsed = recordSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')))
    return parsed.success ? parsed.data : { boot, folders: [] }
  } catch (thrown) {
    return thrown instanceof SyntaxError ? { boot, folders: [] } : null
  }
}

/** What this computer gave to somebody all the same. */
async function namedNumbers(): Promise<Set<number>> {
  const lists = await Promise.all(['/etc/passwd', '/etc/group'].map((path) => readFile(path, 'utf8').catch(() => '')))
  return new Set(lists.flatMap((list) => list.split('\n').map((line) => Number(line.split(':')[2]))))
}
