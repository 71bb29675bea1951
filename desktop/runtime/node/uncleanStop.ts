import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { isSameBoot, readBootId } from './bootId.ts'

const markBytes = 160
const markSchema = z.object({ startedAtMs: z.number(), working: z.boolean(), bootId: z.string().optional() })

/**
 * A file that is there while the runtime runs. Found at a start, it says that the last run was cut (power, crash, kill).
 */
export interface StopMark {
  /** Rejects when it could not be written; the next one is tried again. Whether work was in progress; kept so that a cut idle node is not called one whose work was cut. */
  setWorking(working: boolean): Promise<void>
  /** The stop was orderly. */
  clear(): Promise<void>
}

export interface UncleanStop {
  startedAtMs: number
  wasWorking: boolean
  /** The computer itself went down (power, a crash of the system, a reset), or only Pictor Worker did. */
  cause: 'POWER_LOSS' | 'CRASH'
}

export async function setStopMark(
  folder: string,
  nowMs: number,
  boot: () => Promise<string> = readBootId,
): Promise<{ mark: StopMark; before: UncleanStop | null }> {
  const path = join(folder, 'running.mark')
  const bootId = await boot()
  const before = await readMark(path, bootId)
  let working = false
  let queue = write(path, { startedAtMs: nowMs, working, bootId })
  await queue
  return {
    before,
    mark: {
      setWorking(next) {
        if (next === working) return queue
        working = next
        // One mark that could not be written (the disk is full) must not hinder the next.
        const then = () => write(path, { startedAtMs: nowMs, working: next, bootId })
        queue = queue.then(then, then)
        return queue
      },
      clear: () => queue.catch(() => undefined).then(() => rm(path, { force: true })),
    },
  }
}

async function readMark(path: string, bootId: string): Promise<UncleanStop | null> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  try {
    const { startedAtMs, working, bootId: then } = markSchema.parse(JSON.parse(text))
    return { startedAtMs, wasWorking: working, cause: then === undefined || isSameBoot(then, bootId) ? 'CRASH' : 'POWER_LOSS' }
  } catch {
    // Cut in the middle of writing the mark itself.
    return { startedAtMs: 0, wasWorking: true, cause: 'POWER_LOSS' }
  }
}

async function write(path: string, mark: z.infer<typeof markSchema>): Promise<void> {
  // In place and of one length: on a full disk there is no room for a new file, but for this one there is.
  const file = await open(path, 'r+').catch(() => open(path, 'w'))
  try {
    await file.write(JSON.stringify(mark).padEnd(markBytes), 0)
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * What cut the work of the last run of this node, or null. An update says so before it ends the node: that stands, also when the node then took too
 * long and was ended by force.
 * @param toldCut what was written down by whoever cut the work @param atMs when the node was last heard of, in server time
 */
export function whatCut(
  unclean: UncleanStop | null,
  toldCut: { code: string; at: number } | null,
  atMs: number,
): { code: string; at: number } | null {
  if (toldCut !== null) return toldCut
  return unclean?.wasWorking === true ? { code: unclean.cause, at: atMs } : null
}
