import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { packagedReleaseSchema, packageFolderName, releaseFile, versionsFolder, type Installation } from './installLayout.ts'

/** Far above what a release has; an archive beyond it is none of ours. */
const limits = { files: 50_000, bytes: 2 * 1024 ** 3 }

/**
 * Unpacks a verified release beside the one that runs. What is not a plain file or folder of that version is not unpacked, and a release for
 * another system, or of another version than the feed said, is thrown away. Errors: UPDATE_DAMAGED, UPDATE_INSTALL_FAILED.
 */
export async function unpackRelease({ root, release }: Installation, file: string, version: string): Promise<Result<null>> {
  const scratch = join(root, '.unpacked')
  const target = join(root, versionsFolder, version)
  try {
    rmSync(scratch, { recursive: true, force: true })
    mkdirSync(scratch, { mode: 0o755 })
    // Loaded only for an update: an idle node does not carry it.
    const tar = await import('tar')
    const inside = `${packageFolderName}/${versionsFolder}/${version}/`
    let files = 0
    let bytes = 0
    await tar.extract({
      ...{ file, cwd: scratch, strip: inside.split('/').length - 1, strict: true },
      filter: (path, entry) => {
        files += 1
        bytes += entry.size ?? 0
        if (files > limits.files || bytes > limits.bytes) throw new Error('the archive is too large')
        // Safe: while unpacking, entries are those of the archive, which have a type.
        const { type } = entry as { type: string }
        return path.startsWith(inside) && (type === 'File' || type === 'OldFile' || type === 'Directory')
      },
    })
    const found = packagedReleaseSchema.safeParse(JSON.parse(readFileSync(join(scratch, releaseFile), 'utf8')))
    if (!found.success || found.data.version !== version || found.data.target !== release.target)
      return err(appError('UPDATE_DAMAGED', { version }))
    // One that was unpacked before and never ran.
    if (version !== release.version) rmSync(target, { recursive: true, force: true })
    renameSync(scratch, target)
    return ok(null)
  } catch (error) {
    return err(appError('UPDATE_INSTALL_FAILED', { version, reason: error instanceof Error ? error.message : String(error) }))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
