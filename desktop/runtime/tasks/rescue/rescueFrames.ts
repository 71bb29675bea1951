import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Run } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import type { Logger } from '#shared/log.ts'
import type { VerifyFrame } from '../results/keepFrame.ts'
import type { ResultStore } from '../results/resultStore.ts'
import { sha256OfStream } from '../results/sha256.ts'
import { frameDelivered, frameRescued, framesIn } from '../run/runChanges.ts'

export interface RescueParts {
  results: Pick<ResultStore, 'find' | 'discard'>
  verify: VerifyFrame
  nowMs: number
  log: Logger
}

/**
 * Frames that wait to be rendered although they were: the server accepted them from this very task, or their pictures lie on the disk
 * (the process ended between keeping a picture and noting it, or the database that knew of it was damaged). Each picture is decoded whole before it
 * is believed. Most runs have none, and cost one look at a folder.
 * @returns the run as it should go on, and how many pictures were found
 */
export async function rescueFrames(
  run: Run,
  task: Task,
  { results, verify, nowMs, log }: RescueParts,
): Promise<{ run: Run; found: number }> {
  let rescued = run
  let found = 0
  for (const frame of framesIn(run, 'queued')) {
    const verdict = task.verdicts[String(frame)]
    if (verdict?.verdict === 'accepted') {
      rescued = frameDelivered(rescued, frame, verdict, nowMs)
      continue
    }
    const path = await results.find(task.id, frame)
    if (path === null) continue
    const picture = await verify(path, { frame, format: task.format })
    if (!picture.ok) {
      log.warn('a picture on the disk is not whole and is rendered again', { taskId: task.id, frame, code: picture.error.code })
      await results.discard(task.id, frame)
      continue
    }
    const { format, width, height } = picture.value
    const content = await sha256OfStream(createReadStream(path))
    const renderMs = await timeBetween(path, await results.find(task.id, frame - 1))
    rescued = frameRescued(rescued, frame, { ...content, format, width, height, renderMs }, nowMs)
    found += 1
  }
  if (found > 0) log.info('finished pictures were found on the disk', { taskId: task.id, found })
  return { run: rescued, found }
}

/** How long a frame took is gone with the note of it. Frames follow each other, so the picture before it says when it began, or nothing does. */
async function timeBetween(path: string, before: string | null): Promise<number> {
  if (before === null) return 0
  const [end, begin] = await Promise.all([stat(path), stat(before)])
  return Math.max(0, Math.round(end.mtimeMs - begin.mtimeMs))
}
