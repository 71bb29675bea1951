import { randomBytes } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { appError, AppErrorException, toAppError } from '#shared/errors/appError.ts'
import type { Logger } from '#shared/log.ts'
import type { GatewayContext } from '../gatewayContext.ts'
import { openBucket } from './bucket.ts'
import { createBucketOwnUploads } from './bucketOwnUploads.ts'
import { createFileHolders, noOtherHolders, type FileHolders } from './fileHolders.ts'
import type { FileTarget } from './fileTarget.ts'
import { createFolderFileStore, type FileStore } from './fileStore.ts'
import { createOwnUploads, type OwnUploads } from './ownUploads.ts'
import { createS3FileStore } from './s3FileStore.ts'

export interface Files {
  files: FileStore
  ownUploads: OwnUploads
  holders: FileHolders
}

/** The files of this gateway: in its data folder, or where all gateways on its store have them. */
export function openFiles({ filesTarget, dataFolder, hasPeers, store, gatewayId, clock }: GatewayContext): Files {
  if (filesTarget?.kind === 's3') {
    const bucket = openBucket(filesTarget)
    return {
      files: createS3FileStore(bucket, join(dataFolder, 'fileCopies')),
      ownUploads: createBucketOwnUploads(bucket),
      holders: noOtherHolders,
    }
  }
  const folder = filesTarget?.path ?? dataFolder
  return {
    files: createFolderFileStore(join(folder, 'files')),
    ownUploads: createOwnUploads(join(folder, 'ownUploads')),
    holders: filesTarget === null && hasPeers ? createFileHolders(store, gatewayId, () => clock.now()) : noOtherHolders,
  }
}

/**
 * Tries the place out before the gateway says that it is up. Rejects with FILES_PLACE_INVALID when it is not one; a bucket that does not answer
 * at the moment may do so later, and is only warned of.
 */
export async function checkFilesPlace(target: FileTarget, log: Logger): Promise<void> {
  const invalid = (reason: string, cause?: unknown) => new AppErrorException(appError('FILES_PLACE_INVALID', { reason }), { cause })
  if (target.kind === 'folder') {
    const probe = join(target.path, `probe-${randomBytes(6).toString('hex')}`)
    try {
      await mkdir(target.path, { recursive: true, mode: 0o700 })
      await writeFile(probe, '')
    } catch (thrown) {
      throw invalid(thrown instanceof Error ? thrown.message : String(thrown), thrown)
    }
    return rm(probe, { force: true })
  }
  const bucket = openBucket(target)
  try {
    await bucket.put('probe', new Blob(['1']))
    await bucket.sizeOf(`probe-${randomBytes(6).toString('hex')}`)
  } catch (thrown) {
    const { message, details } = toAppError(thrown)
    const status = Number(details?.['status'] ?? 0)
    const reason = typeof details?.['reason'] === 'string' ? details['reason'] : message
    if (status === 403) throw invalid(`${reason}; its key needs s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket`, thrown)
    if (status >= 400 && status < 500) throw invalid(reason, thrown)
    log.warn('the bucket of the files does not answer yet', { url: target.url, reason: message })
  }
}
