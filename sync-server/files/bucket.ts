import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { S3mini, S3ServiceError } from 's3mini'
import { durations } from '#shared/durations.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { S3Target } from './fileTarget.ts'

/** What we ask of an S3 bucket, by key. All reject with FILE_STORE_UNREACHABLE {reason}, and {status} when it answered. */
export interface Bucket {
  /** null: there is no such object. */
  sizeOf(key: string): Promise<number | null>
  read(key: string, range?: { from: number; to: number }): Promise<Readable>
  /** Resolves when the bucket has all of it. Large ones go up in parts. */
  put(key: string, body: Blob): Promise<void>
  /** Takes those away whose keys begin so and that were written before. */
  removeOlder(prefix: string, beforeMs: number): Promise<void>
}

/** Parts of a large object: S3 takes 10,000 of them at most, and we files of 64 GiB. */
const partBytes = 8 * 1024 * 1024
const listedAtOnce = 1_000

/** A bucket of Amazon S3, MinIO, Ceph, R2… by signed requests to `<host>/<bucket>`. */
export function openBucket({ url, region, accessKeyId, secretAccessKey }: S3Target): Bucket {
  const s3 = new S3mini({ accessKeyId, secretAccessKey, region, endpoint: url, minPartSize: partBytes, fetch: fetchInTime })

  return {
    sizeOf: (key) =>
      reached(async () => {
        try {
          return await s3.getContentLength(key)
        } catch (thrown) {
          if (answerTo(thrown)?.status === 404) return null
          throw thrown
        }
      }),
    read: (key, range) =>
      reached(async () => {
        const { body }: { body: unknown } =
          range === undefined ? await s3.getObjectRaw(key) : await s3.getObjectRaw(key, false, range.from, range.to + 1)
        // Safe: the answer of `fetch` in Node; its type is another one wherever a page's types are known too.
        return body === null ? Readable.from([]) : Readable.fromWeb(body as ReadableStream)
      }),
    put: (key, body) =>
      reached(async () => {
        await s3.putAnyObject(key, body)
      }),
    removeOlder: (prefix, beforeMs) =>
      reached(async () => {
        for (let token: string | undefined; ;) {
          const page = await s3.listObjectsPaged('/', prefix, listedAtOnce, token)
          const old = (page?.objects ?? []).filter(({ LastModified }) => new Date(LastModified).getTime() < beforeMs).map(({ Key }) => Key)
          if (old.length > 0) await s3.deleteObjects(old)
          token = page?.nextContinuationToken
          if (token === undefined) return
        }
      }),
  }
}

/** The limit is on the time until an answer begins: a large file may come for long, and stops by itself when nothing comes any more. */
async function fetchInTime(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new Error('no answer in time')), durations.fileStoreRequestTimeoutMs)
  try {
    return await fetch(input, { ...init, signal: late.signal })
  } finally {
    clearTimeout(timer)
  }
}

/** What S3 itself answered, if it did; the client wraps some of its errors once more. */
function answerTo(thrown: unknown): S3ServiceError | null {
  if (thrown instanceof S3ServiceError) return thrown
  return thrown instanceof Error && thrown.cause instanceof S3ServiceError ? thrown.cause : null
}

async function reached<Value>(ask: () => Promise<Value>): Promise<Value> {
  try {
    return await ask()
  } catch (thrown) {
    const answer = answerTo(thrown)
    // The client's errors name the status and S3's own code, never a signature.
    const reason = (answer?.message ?? (thrown instanceof Error ? thrown.message : String(thrown))).slice(0, 300)
    const details = answer === null ? { reason } : { reason, status: answer.status }
    throw new AppErrorException(appError('FILE_STORE_UNREACHABLE', details), { cause: thrown })
  }
}
