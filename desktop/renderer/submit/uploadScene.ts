import { appError } from '#shared/errors/appError.ts'
import { durations } from '#shared/durations.ts'
import { err, ok, type Result } from '#shared/result.ts'

/**
 * Sends a scene to the gateway, resumable: a line that is cut is waited out, and a reloaded page goes on where the upload stopped.
 * What the server already has is not sent again.
 */
export async function uploadScene(
  file: File,
  sha256: string,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<Result<null>> {
  const there = await fetch(new URL(`files/${sha256}`, document.baseURI), { method: 'HEAD', credentials: 'same-origin', signal }).catch(
    () => null,
  )
  if (there?.ok === true) return ok(null)
  const { Upload } = await import('tus-js-client')
  return new Promise((resolve) => {
    const upload = new Upload(file, {
      endpoint: new URL('files/uploads', document.baseURI).href,
      metadata: { sha256, name: file.name, purpose: 'input' },
      chunkSize: 8 * 1024 * 1024,
      retryDelays: [0, 1_000, 3_000, 10_000, durations.reconnectMaxMs],
      removeFingerprintOnSuccess: true,
      onProgress: (sent, total) => onProgress(total > 0 ? sent / total : 1),
      onSuccess: () => resolve(ok(null)),
      onError: (error) => resolve(err(appError('UPLOAD_FAILED', { name: file.name, reason: error.message.slice(0, 200) }))),
    })
    signal.addEventListener(
      'abort',
      () => {
        void upload.abort()
        resolve(err(appError('CANCELLED')))
      },
      { once: true },
    )
    void upload.findPreviousUploads().then((previous) => {
      const [last] = previous
      if (last) upload.resumeFromPreviousUpload(last)
      upload.start()
    })
  })
}
