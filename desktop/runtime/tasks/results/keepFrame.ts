import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
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
 * DISK_FULL, OUTPUT_UNWRITABLE. The file is gone from where Blender wrote it when this succeeds.
 */
export async function keepFrame(
  task: Task,
  frame: number,
  path: string,
  expectation: FrameExpectation,
  { verify, results }: { verify: VerifyFrame; results: ResultStore },
): Promise<Result<Omit<KeptFrame, 'renderMs'>>> {
  try {
    if ((await stat(path).catch(() => null)) === null) return err(appError('FRAME_MISSING', { frame }))
    const picture = await verify(path, expectation)
    if (!picture.ok) return picture
    const { format, width, height } = picture.value
    const content = await sha256OfStream(createReadStream(path))
    await results.keep(task.id, frame, path)
    return ok({ ...content, format, width, height })
  } catch (error) {
    return err(saveError(error, frame, path))
  }
}

function saveError(error: unknown, frame: number, path: string): AppError {
  if (isDiskFull(error)) return appError('DISK_FULL', { what: `frame ${frame}` })
  return appError('OUTPUT_UNWRITABLE', { path, reason: error instanceof Error ? error.message : String(error) })
}
