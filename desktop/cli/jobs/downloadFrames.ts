import { createHash } from 'node:crypto'
import { createWriteStream, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { durations } from '#shared/durations.ts'
import type { JobState } from '#shared/collections/job.schema.ts'
import { appError, AppErrorException, errorTraits, toAppError } from '#shared/errors/appError.ts'
import type { ServerClient } from '../../launch/serverClient.ts'
import { progressBar } from '../console/progressBar.ts'
import type { Terminal } from '../console/terminal.ts'

export interface DownloadedFrame {
  frame: number
  path: string
  sha256: string
}

const extensions: Record<string, string> = { PNG: 'png', JPEG: 'jpg', OPEN_EXR: 'exr', OPEN_EXR_MULTILAYER: 'exr', TIFF: 'tif' }
const attempts = 5
/** Of one picture. */
const downloadTimeoutMs = 10 * 60_000

/** Downloads the accepted pictures of a job into `folder` as `0001.png`… or as `nameOf` says; each is checked against its hash before it gets its name. */
export async function downloadFrames(
  owner: ServerClient,
  job: JobState,
  folder: string,
  terminal: Terminal,
  nameOf?: (frame: number) => string,
): Promise<DownloadedFrame[]> {
  mkdirSync(folder, { recursive: true })
  const accepted = Object.entries(job.frames)
    .filter(([, { state }]) => state === 'accepted')
    .map(([frame, { sha256 = '', format = '' }]) => ({ frame: Number(frame), sha256, format }))
    .sort((a, b) => a.frame - b.frame)
  const bar = progressBar(terminal, 'download')
  const files: DownloadedFrame[] = []
  for (const { frame, sha256, format } of accepted) {
    const path = join(folder, nameOf?.(frame) ?? `${String(frame).padStart(4, '0')}.${extensions[format.toUpperCase()] ?? 'img'}`)
    await download(owner, sha256, path)
    files.push({ frame, path, sha256 })
    bar.update(files.length / accepted.length, `${files.length} of ${accepted.length} pictures`)
  }
  bar.finish()
  return files
}

async function download(owner: ServerClient, sha256: string, path: string): Promise<void> {
  const partial = `${path}.part`
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await owner.request(`/files/${sha256}`, { signal: AbortSignal.timeout(downloadTimeoutMs) })
      const hash = createHash('sha256')
      const body = Readable.fromWeb(response.body ?? new Blob([]).stream())
      body.on('data', (chunk: Buffer) => hash.update(chunk))
      await pipeline(body, createWriteStream(partial))
      if (hash.digest('hex') !== sha256) throw new AppErrorException(appError('FILE_HASH_MISMATCH', { name: path }))
      return renameSync(partial, path)
    } catch (error) {
      rmSync(partial, { force: true })
      const reason = toAppError(error)
      if (attempt === attempts || !(errorTraits(reason.code).retry || reason.code === 'UNEXPECTED')) throw error
      await delay(Math.random() * durations.transferRetryMinMs * 2 ** attempt)
    }
  }
}
