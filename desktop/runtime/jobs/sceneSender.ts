import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { FileRef } from '#shared/collections/common.ts'
import { appError, errorTraits, toAppError, type AppError } from '#shared/errors/appError.ts'
import type { Clock, Logger } from '#shared/log.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { createBlenderEngine } from '../engines/blender/blenderEngine.ts'
import { createSoftware } from '../node/software.ts'
import { backOff } from '../tasks/backOff.ts'
import { isDiskFull } from '../storage/syncedFiles.ts'
import { sha256OfStream } from '../tasks/results/sha256.ts'
import { tusUpload, type UploadFile } from '../tasks/upload/tusUpload.ts'
import { openUploadUrls } from '../tasks/upload/uploadUrls.ts'
import type { JobBundle } from './makeJob.ts'
import type { BundleFile, PrepareScene } from './prepareScene.ts'
import { prepareWithBlender } from './prepareWithBlender.ts'

/** A scene that is ready to leave, with every file that it needs where it lies on this computer. */
export interface OutgoingScene {
  bundle: JobBundle
  /** Each contents once, largest last. */
  files: Array<FileRef & { path: string }>
  warnings: AppError[]
}
export interface SendOptions {
  serverUrl: string
  token: string
  /** Which of the files the server has already. */
  isThere(sha256: string): Promise<boolean>
  onProgress(sentBytes: number, totalBytes: number): void
}

/** Looks into scenes and sends them straight to a server, from a computer on which no node has to run. */
export interface SceneSender {
  /** Errors: SCENE_…, BLENDER_…, DISK_FULL, CANCELLED. */
  prepare(scenePath: string): Promise<Result<OutgoingScene>>
  /** Uploads what the server lacks, through lines that break. Errors: what the server answers, UPLOAD_FAILED, CANCELLED. */
  send(scene: Pick<OutgoingScene, 'files'>, options: SendOptions): Promise<Result<null>>
  /** Removes the scratch folder. What was begun to upload goes on with the next sender of the same cache folder. */
  close(): Promise<void>
}

export interface SceneSenderOptions {
  /** What is known of the Blenders here, and where uploads that were begun go on; outlives the sender. */
  cacheFolder: string
  log: Logger
  clock: Clock
  signal: AbortSignal
  /** Blenders, or folders with one, beside those in the usual places. */
  blenderPaths?: readonly string[]
  /** For tests. */
  prepare?: PrepareScene
  upload?: UploadFile
}

const range = { minMs: 500, maxMs: 20_000 }
/** Tries in a row of which none brought the file forward. */
const triesWithoutProgress = 8

export async function openSceneSender(options: SceneSenderOptions): Promise<SceneSender> {
  const { cacheFolder, log, clock, signal, upload = tusUpload } = options
  await mkdir(cacheFolder, { recursive: true, mode: 0o700 })
  const urls = await openUploadUrls(join(cacheFolder, 'uploads.json'), log)
  const scratch = await mkdtemp(join(tmpdir(), 'pictor-submit-'))
  const engine = createBlenderEngine({
    logger: log,
    probeCacheFile: join(cacheFolder, 'blenders.json'),
    chosen: () => options.blenderPaths ?? [],
  })
  const prepare = options.prepare ?? prepareWithBlender(createSoftware(engine, log), engine.containment)

  async function sendFile(file: OutgoingScene['files'][number], { serverUrl, token }: SendOptions, onSent: (sent: number) => void) {
    const gateway = { access: async () => ok({ serverUrl, token }) }
    let furthest = -1
    for (let failures = 0; ;) {
      const metadata = { sha256: file.sha256, name: file.name, purpose: 'input' } as const
      let moved = false
      const onProgress = (sent: number) => {
        moved ||= sent > furthest
        furthest = Math.max(furthest, sent)
        onSent(sent)
      }
      const sent = await upload(file.path, metadata, { gateway, urls, signal, onProgress })
      if (sent.ok || !errorTraits(sent.error.code).retry) return sent
      failures = moved ? 1 : failures + 1
      if (failures >= triesWithoutProgress) return sent
      log.warn('a file of the scene was not sent; it is tried again', { name: file.name, code: sent.error.code })
      await backOff(failures, range, clock, signal)
      if (signal.aborted) return err(appError('CANCELLED'))
    }
  }

  return {
    async prepare(scenePath) {
      try {
        const prepared = await prepare(scenePath, join(scratch, 'prepared'), signal)
        if (!prepared.ok) return prepared
        const { scene, extraFiles, info, warnings } = prepared.value
        const sceneFile = await describe(scene)
        const others: OutgoingScene['files'] = []
        for (const file of extraFiles) others.push(await describe(file))
        const bundle = {
          staged: { name: basename(scenePath), info },
          scene: refOf(sceneFile),
          extraFiles: others.map(refOf),
        }
        const unique = new Map([sceneFile, ...others].map((file) => [file.sha256, file]))
        return ok({ bundle, warnings, files: [...unique.values()].sort((a, b) => a.sizeBytes - b.sizeBytes) })
      } catch (error) {
        return err(isDiskFull(error) ? appError('DISK_FULL', { what: 'the scene' }) : toAppError(error))
      }
    },
    async send({ files }, sendOptions) {
      const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      let doneBytes = 0
      for (const file of files) {
        if (signal.aborted) return err(appError('CANCELLED'))
        if (!(await sendOptions.isThere(file.sha256))) {
          const sent = await sendFile(file, sendOptions, (bytes) => sendOptions.onProgress(doneBytes + bytes, totalBytes))
          if (!sent.ok) return sent
        }
        doneBytes += file.sizeBytes
        sendOptions.onProgress(doneBytes, totalBytes)
      }
      return ok(null)
    },
    async close() {
      await urls.flush()
      await rm(scratch, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

async function describe({ path, name }: BundleFile): Promise<FileRef & { path: string }> {
  return { ...(await sha256OfStream(createReadStream(path))), name, path }
}

const refOf = ({ sha256, sizeBytes, name }: FileRef): FileRef => ({ sha256, sizeBytes, name })
