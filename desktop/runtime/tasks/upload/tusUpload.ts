import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { DetailedError } from 'tus-js-client'
import type { UploadMetadata } from '#shared/api/gatewayRoutes.ts'
import { appError, type AppError } from '#shared/errors/appError.ts'
import { errorCodes, type ErrorCode } from '#shared/errors/codes.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { pacedFile } from '../../transfers/pacedFile.ts'
import type { Transfers } from '../../transfers/transfers.ts'
import type { Gateway } from '../ports.ts'
import type { UploadUrls } from './uploadUrls.ts'

interface TusUploadOptions {
  gateway: Pick<Gateway, 'access'>
  urls: UploadUrls
  signal: AbortSignal
  /** Where files travel only when and as fast as the owner allows. */
  transfers?: Pick<Transfers, 'take' | 'signal'>
  onProgress?: (sentBytes: number, totalBytes: number) => void
}

export type UploadFile = (path: string, metadata: UploadMetadata, options: TusUploadOptions) => Promise<Result<null>>

/**
 * Sends one file by tus, going on where an earlier try (or an earlier start of the process) ended.
 * Errors: UPLOAD_FAILED, CANCELLED, FILE_NOT_FOUND (it is not on disk), what `access` says, or the server's own code.
 */
export const tusUpload: UploadFile = async (path, metadata, options) => {
  const { gateway, urls, transfers } = options
  const signal = transfers === undefined ? options.signal : AbortSignal.any([options.signal, transfers.signal()])
  const size = (await stat(path).catch(() => null))?.size
  if (size === undefined) return err(appError('FILE_NOT_FOUND', { sha256: metadata.sha256 }))
  const access = await gateway.access()
  if (!access.ok) return access
  if (signal.aborted) return err(appError('CANCELLED'))
  const { serverUrl, token } = access.value
  const key = [serverUrl, metadata.purpose, metadata.taskId ?? '', metadata.frame ?? '', metadata.sha256].join(' ')
  const known = urls.get(key)
  // Loaded at the first upload: an idle node does not carry it.
  const { Upload } = await import('tus-js-client')
  const outcome = await new Promise<Result<null>>((resolve) => {
    const upload = new Upload(createReadStream(path), {
      endpoint: new URL('/files/uploads', serverUrl).href,
      ...(known === undefined ? {} : { uploadUrl: known }),
      uploadSize: size,
      metadata: textOf(metadata),
      headers: { authorization: `Bearer ${token}` },
      ...(transfers === undefined ? {} : { fileReader: pacedFile(path, size, transfers, signal, (error) => fail(error)) }),
      retryDelays: null,
      storeFingerprintForResuming: false,
      onUploadUrlAvailable: () => upload.url !== null && urls.set(key, upload.url),
      onProgress: options.onProgress ?? null,
      onSuccess: () => finish(ok(null)),
      onError: (error) => finish(err(failureOf(error, metadata))),
    })
    const abort = () => {
      void upload.abort().catch(() => undefined)
      finish(err(appError('CANCELLED')))
    }
    const fail = (error: Error) => {
      void upload.abort().catch(() => undefined)
      finish(err(failureOf(error, metadata)))
    }
    const finish = (result: Result<null>) => {
      signal.removeEventListener('abort', abort)
      resolve(result)
    }
    signal.addEventListener('abort', abort, { once: true })
    upload.start()
  })
  // What the server refused for good would be refused again at the same address; and another gateway never has what was begun at the first.
  if (outcome.ok || !errorCodes[outcome.error.code].retry || outcome.error.code === 'UPLOAD_ELSEWHERE') urls.delete(key)
  return outcome
}

const textOf = (metadata: UploadMetadata): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])))

function failureOf(error: Error | DetailedError, { name }: UploadMetadata): AppError {
  const body = 'originalResponse' in error ? (error.originalResponse?.getBody() ?? '') : ''
  const reason = error.message.replace(/, originated from request.*$/s, '').slice(0, 300)
  return errorInBody(body) ?? appError('UPLOAD_FAILED', { name, reason })
}

/** The gateway answers refusals with its error as data, bare or inside a Result. */
function errorInBody(body: string): AppError | null {
  try {
    const parsed = JSON.parse(body) as { code?: string; error?: { code?: string } }
    const found = parsed.error ?? parsed
    return found.code !== undefined && Object.hasOwn(errorCodes, found.code)
      ? { message: '', ...found, code: found.code as ErrorCode }
      : null
  } catch {
    return null
  }
}
