import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileSha512 } from '../../launch/updates/fileHash.ts'
import { isSignedRelease } from '../../launch/updates/releaseSignature.ts'
import { findRelease, readReleases, releaseInvalid, type Release } from './feedFolder.ts'

/**
 * Looks at a release in the folder as the apps will: every file has its hash on the disk, and a signature by one of the keys. Throws RELEASE_INVALID with
 * the first file that an app would refuse.
 * @param publicKeys as the apps have them built in (PICTOR_UPDATE_KEYS)
 */
export async function verifyRelease(folder: string, version: string, publicKeys: readonly string[]): Promise<Release> {
  if (publicKeys.length === 0) throw releaseInvalid('no public key was given; use --keys or PICTOR_UPDATE_KEYS')
  const release = findRelease(readReleases(folder), version)
  for (const file of release.files) {
    const path = join(folder, file.url)
    if (!existsSync(path)) throw releaseInvalid(`there is no file ${path}`)
    if ((await fileSha512(path)) !== file.sha512) throw releaseInvalid(`${file.url} is not the file that was signed`)
    if (!isSignedRelease(publicKeys, file.platform, version, file)) throw releaseInvalid(`${file.url} is signed by none of the keys`)
  }
  return release
}
