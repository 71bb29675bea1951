import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { basename, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AppErrorException, appError, toAppError, type AppError } from '#shared/errors/appError.ts'
import type { JsonValue } from '#shared/json.ts'
import { err, type Result } from '#shared/result.ts'
import { asAppError } from '../database/storeErrors.ts'

/** Takes over an uploaded scene at `path` (moves or copies it); answers what the dashboard gets, a StagedScene. */
type StageScene = (upload: { path: string; name: string; sizeBytes: number }) => Promise<Result<JsonValue>>

export interface SceneIntake {
  folder: string
  limitBytes: number
  stage: StageScene
  /** Why no scene is taken in at all; asked before it is loaded up. */
  refusal?: () => AppError | null
}

/** Streams a dropped scene into the staging folder. What is left there afterwards is removed. */
export async function receiveScene(request: IncomingMessage, name: string, options: SceneIntake): Promise<Result<JsonValue>> {
  const { folder, limitBytes, stage } = options
  const refused = options.refusal?.() ?? null
  if (refused !== null) return err(refused)
  const cleanName = basename(name.replaceAll('\\', '/'))
    .replace(/[\u0000-\u001f<>:"|?*]/g, '_')
    .slice(-200)
  if (cleanName === '' || cleanName === '.' || cleanName === '..')
    return err(appError('REQUEST_INVALID', { reason: 'the scene has no name' }))
  const tooLarge = appError('FILE_TOO_LARGE', { name: cleanName, limitMiB: Math.floor(limitBytes / 1_048_576) })
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) return err(tooLarge)
  const own = join(folder, randomBytes(12).toString('hex'))
  const path = join(own, cleanName)
  let sizeBytes = 0
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length
      if (sizeBytes > limitBytes) done(new AppErrorException(tooLarge))
      else done(null, chunk)
    },
  })
  try {
    await mkdir(own, { recursive: true })
    await pipeline(request, count, createWriteStream(path, { flags: 'wx' }))
    return await stage({ path, name: cleanName, sizeBytes })
  } catch (thrown) {
    const isFull = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC'
    return err(isFull ? appError('DISK_FULL', { what: cleanName }) : toAppError(asAppError(thrown, folder)))
  } finally {
    await rm(own, { recursive: true, force: true })
  }
}
