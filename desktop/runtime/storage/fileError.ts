import { appError, type AppError } from '#shared/errors/appError.ts'

const full = new Set(['ENOSPC', 'EDQUOT'])
const unwritable = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT'])

/** What a failed write to the data folder means to its owner, or null when it is none of these. `what` could not be saved below `folder`. */
export function fileError(thrown: unknown, at: { folder: string; what: string }): AppError | null {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return null
  if (full.has(thrown.code)) return appError('DISK_FULL', { what: at.what })
  return unwritable.has(thrown.code) ? appError('DATA_FOLDER_READ_ONLY', { path: at.folder }) : null
}
