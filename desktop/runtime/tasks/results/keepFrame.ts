import { createReadStream } from 'node:fs'
import { chown, lstat, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { Task } from '#shared/collections/task.schema.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import type { FrameExpectation } from '#shared/images/frameExpectation.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { KeptFrame } from '../run/runChanges.ts'
import { isDiskFull } from '../../storage/syncedFiles.ts'
import type { ResultStore } from './resultStore.ts'
import { sha256OfStream } from './sha256.ts'

/** Decodes every pixel of a picture and compares it with what was expected. Errors: FRAME_… */
export type VerifyFrame = (
  path: string,
  expectation: FrameExpectation,
) => Promise<Result<{ format: string; width: number; height: number }>>

/**
 * Verifies a saved picture, hashes it and keeps it durably. Errors: what verification says, FRAME_MISSING,
 * DISK_FULL, OUTPUT_UNWRITABLE. The file is gone from where Blender wrote it, whatever the answer.
 */
export async function keepFrame(
  task: Task,
  frame: number,
  path: string,
  expectation: FrameExpectation,
  { verify, results }: { verify: VerifyFrame; results: ResultStore },
): Promise<Result<Omit<KeptFrame, 'renderMs'>>> {
  // Beside the folder that the program writes in, so that it cannot put something else in the place of what was looked at.
  const taken = `${dirname(path)}.${basename(path)}`
  try {
    if (!(await takeAway(path, taken))) return err(appError('FRAME_MISSING', { frame }))
    const picture = await verify(taken, expectation)
    if (!picture.ok) return picture
    const { format, width, height } = picture.value
    const content = await sha256OfStream(createReadStream(taken))
    await results.keep(task.id, frame, taken)
    return ok({ ...content, format, width, height })
  } catch (error) {
    return err(saveError(error, frame, path))
  } finally {
    await rm(taken, { force: true })
  }
}

/**
 * False: there is no picture. A link, or a second name of somebody's file, is none: a program that was taken over would have us send a picture of its owner.
 */
async function takeAway(path: string, taken: string): Promise<boolean> {
  if ((await lstat(path).catch(() => null)) === null) return false
  await rename(path, taken)
  const found = await lstat(taken)
  if (!found.isFile() || found.nlink > 1) return false
  // A run of root's may be a user of its own; what it made is ours from here on.
  if (process.getuid?.() === 0 && found.uid !== 0) await chown(taken, 0, 0)
  return true
}

function saveError(error: unknown, frame: number, path: string): AppError {
  if (isDiskFull(error)) return appError('DISK_FULL', { what: `frame ${frame}` })
  return appError('OUTPUT_UNWRITABLE', { path, reason: error instanceof Error ? error.message : String(error) })
}
