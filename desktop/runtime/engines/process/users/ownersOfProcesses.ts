import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { durations } from '#shared/durations.ts'

export interface OwnedProcess {
  pid: number
  /** Real, effective, saved, and that of the file system. */
  users: number[]
  /** Real. */
  group: number
}

/** Every process and whose it is. Read from `status`: the owner of the folder in /proc is root for a program that says it is not to be dumped. */
export async function ownersOfProcesses(root = '/proc'): Promise<OwnedProcess[]> {
  const ids = (await readdir(root)).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    ids.map(async (id) => parseStatus(Number(id), await readFile(`${root}/${id}/status`, 'utf8').catch(() => ''))),
  )
  return found.filter((one) => one !== null)
}

/** null: gone, or ended and only waiting to be asked how. */
export function parseStatus(pid: number, text: string): OwnedProcess | null {
  const users = /^Uid:\s+(.+)$/m.exec(text)?.[1]?.split(/\s+/).map(Number) ?? []
  const group = Number(/^Gid:\s+(\d+)/m.exec(text)?.[1])
  return users.length === 0 || !Number.isFinite(group) || /^State:\s+[ZX]/m.test(text) ? null : { pid, users, group }
}

/** Those of a run's own user. Its group has the same number, which nobody without rights can change: so they are told from somebody who has the user's number by chance. */
export const isOfRun = (uid: number) => (one: OwnedProcess) => one.group === uid && one.users.includes(uid)

/**
 * Ends all processes of a run's user, and none of anybody else. False: some are left when the time is over.
 * One after the other first; who starts new ones faster than that meets a signal to all at once, sent as that user, which reaches no other.
 */
export async function endProcessesOf(uid: number, withinMs: number = durations.killGraceMs): Promise<boolean> {
  const deadline = performance.now() + withinMs
  for (let tries = 0; ; tries += 1) {
    const theirs = (await ownersOfProcesses()).filter(({ users }) => users.includes(uid))
    const ofRun = theirs.filter(isOfRun(uid))
    if (ofRun.length === 0) return true
    if (performance.now() > deadline) return false
    for (const { pid } of ofRun) endOne(pid)
    if (tries > 0 && ofRun.length === theirs.length) await endAllAs(uid)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function endOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Gone meanwhile.
  }
}

/** Not through `prlimit`: a user that has as many processes as it may could not start even this. */
async function endAllAs(uid: number): Promise<void> {
  const child = spawn('/bin/sh', ['-c', 'kill -9 -1'], { uid, gid: uid, stdio: 'ignore', timeout: durations.killGraceMs })
  // Ended by another of its user, or not started at all: the next look tells.
  await once(child, 'close').catch(() => undefined)
}
