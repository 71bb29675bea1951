import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const markSchema = z.object({ startedAtMs: z.number(), working: z.boolean() })

/**
 * A file that is there while the runtime runs. Found at a start, it says that the last run was cut (power, crash, kill).
 */
export interface StopMark {
  /** Whether work was in progress; kept so that a cut idle node is not called one whose work was cut. */
  setWorking(working: boolean): Promise<void>
  /** The stop was orderly. */
  clear(): Promise<void>
}

export interface UncleanStop {
  startedAtMs: number
  wasWorking: boolean
}

export async function setStopMark(folder: string, nowMs: number): Promise<{ mark: StopMark; before: UncleanStop | null }> {
  const path = join(folder, 'running.mark')
  const before = await readMark(path)
  let working = false
  let queue = write(path, { startedAtMs: nowMs, working })
  await queue
  return {
    before,
    mark: {
      setWorking(next) {
        if (next === working) return queue
        working = next
        queue = queue.then(() => write(path, { startedAtMs: nowMs, working: next }))
        return queue
      },
      clear: () => queue.then(() => rm(path, { force: true })),
    },
  }
}

async function readMark(path: string): Promise<UncleanStop | null> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return null
  try {
    const { startedAtMs, working } = markSchema.parse(JSON.parse(text))
    return { startedAtMs, wasWorking: working }
  } catch {
    // Cut in the middle of writing the mark itself.
    return { startedAtMs: 0, wasWorking: true }
  }
}

async function write(path: string, mark: z.infer<typeof markSchema>): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.writeFile(JSON.stringify(mark))
    await file.sync()
  } finally {
    await file.close()
  }
}
