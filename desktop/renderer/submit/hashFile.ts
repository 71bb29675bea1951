import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { HashMessage } from './hashFile.worker.ts'

/** SHA-256 of a file as hex, in a worker. Aborting ends the worker. */
export function hashFile(file: File, onProgress: (fraction: number) => void, signal: AbortSignal): Promise<Result<string>> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./hashFile.worker.ts', import.meta.url), { type: 'module' })
    const finish = (result: Result<string>): void => {
      worker.terminate()
      resolve(result)
    }
    signal.addEventListener('abort', () => finish(err(appError('CANCELLED'))), { once: true })
    worker.onmessage = ({ data }: MessageEvent<HashMessage>) => {
      if ('done' in data) onProgress(file.size === 0 ? 1 : data.done / file.size)
      else if ('hash' in data) finish(ok(data.hash))
      else finish(err(appError('UPLOAD_FAILED', { name: file.name, reason: data.failed })))
    }
    worker.onerror = (event) => finish(err(appError('UPLOAD_FAILED', { name: file.name, reason: event.message })))
    worker.postMessage(file)
  })
}
