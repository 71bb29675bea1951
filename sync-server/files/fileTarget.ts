import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { appError, type AppError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'

/** Where files lie that all gateways on one store are to see: a folder that each of them has mounted, or a bucket. */
export type FileTarget = { kind: 'folder'; path: string } | ({ kind: 's3' } & S3Target)
export interface S3Target {
  /** `https://host/bucket`. Holds no credentials, so that it can be logged. */
  url: string
  region: string
  accessKeyId: string
  secretAccessKey: string
}

/** As the operator gives it: a folder's absolute path or a bucket's address, and the credentials of the latter. */
export const filesOptionSchema = z.object({
  where: z.string().min(1),
  region: z.string().min(1).nullish(),
  accessKeyId: z.string().min(1).nullish(),
  secretAccessKey: z.string().min(1).nullish(),
})
export type FilesOption = z.infer<typeof filesOptionSchema>

/** As S3 calls "whichever": stores that are not Amazon's take any. */
const defaultRegion = 'us-east-1'

/** Errors: FILES_PLACE_INVALID {reason}. */
export function fileTargetFrom({ where, region, accessKeyId, secretAccessKey }: FilesOption): Result<FileTarget> {
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(where))
    return isAbsolute(where) ? ok({ kind: 'folder', path: where }) : err(wrong('the path of a folder has to begin at the root'))
  const url = URL.parse(where)
  if (url === null || !/^https?:$/.test(url.protocol)) return err(wrong('a bucket’s address begins with https:// or http://'))
  if (url.username !== '' || url.password !== '') return err(wrong('the keys of a bucket do not stand in its address'))
  if (url.search !== '' || url.hash !== '' || url.pathname.split('/').filter((part) => part !== '').length !== 1)
    return err(wrong('a bucket’s address is https://HOST/BUCKET'))
  if (accessKeyId == null || secretAccessKey == null)
    return err(wrong('a bucket needs PICTOR_S3_ACCESS_KEY_ID and PICTOR_S3_SECRET_ACCESS_KEY'))
  return ok({ kind: 's3', url: url.href.replace(/\/+$/, ''), region: region ?? defaultRegion, accessKeyId, secretAccessKey })
}

const wrong = (reason: string): AppError => appError('FILES_PLACE_INVALID', { reason })
