import { copyFileSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { fileNameSchema, updatePlatforms, type UpdatePlatform } from '#shared/updates/feed.schema.ts'
import { channelOf, compareVersions, isReleaseVersion } from '#shared/updates/version.ts'
import { fileSha512 } from '../../launch/updates/fileHash.ts'
import { signRelease } from '../../launch/updates/releaseSignature.ts'
import { readReleases, releaseInvalid, writeReleases, type Release } from './feedFolder.ts'

export interface NewRelease {
  folder: string
  version: string
  /** Installers as electron-builder made them, their `.blockmap` beside them. */
  files: readonly string[]
  privatePem: string
  notes: string
  stagingPercentage: number | null
  now: Date
}

/**
 * Copies the installers into the feed folder, signs them, and names them in the channel files last. Throws RELEASE_INVALID: a version that exists
 * or is not the newest of its channel, a file of an unknown kind, without its version in its name, or of a name that is used already.
 */
export async function addRelease({ folder, version, files, privatePem, notes, stagingPercentage, now }: NewRelease): Promise<Release> {
  if (!isReleaseVersion(version)) throw releaseInvalid(`${version} is not a version of the form 1.2.3 or 1.2.3-beta.4`)
  const releases = readReleases(folder)
  const newer = releases.find((each) => compareVersions(each.version, version) >= 0 && channelOf(each.version) === channelOf(version))
  if (newer)
    throw releaseInvalid(`${newer.version} is in this folder already; a new release needs a higher version, also after a withdrawal`)
  // All of them first: a folder is not left with half a release.
  for (const path of files) checkName(path, version, folder)
  mkdirSync(folder, { recursive: true })
  const entries: Release['files'] = []
  for (const path of files) {
    const platform = platformOf(basename(path))
    const target = join(folder, basename(path))
    copyFileSync(path, target)
    if (existsSync(`${path}.blockmap`)) copyFileSync(`${path}.blockmap`, `${target}.blockmap`)
    const sha512 = await fileSha512(target)
    const blockMapSize = await embeddedBlockMap(target)
    entries.push({
      ...{ platform, url: basename(path), sha512, size: statSync(target).size },
      ...(blockMapSize === null ? {} : { blockMapSize }),
      signature: signRelease(privatePem, version, platform, sha512),
    })
  }
  const release: Release = {
    ...{ version, releaseDate: now.toISOString(), releaseNotes: notes, stagingPercentage, withdrawn: null },
    files: entries,
  }
  writeReleases(folder, [...releases, release])
  return release
}

function checkName(path: string, version: string, folder: string): void {
  const name = basename(path)
  if (!existsSync(path) || !statSync(path).isFile()) throw releaseInvalid(`there is no file ${path}`)
  if (!fileNameSchema.safeParse(name).success) throw releaseInvalid(`${name} has signs in its name that cannot stand in an address`)
  // electron-updater finds the block map of the installed version by writing its version into the new file's name.
  if (!name.includes(version)) throw releaseInvalid(`${name} does not carry the version ${version} in its name`)
  if (existsSync(join(folder, name))) throw releaseInvalid(`${name} is in the folder already`)
  platformOf(name)
}

/** By the kind of installer; electron-builder writes the processor into the names of the others than x64. */
function platformOf(name: string): UpdatePlatform {
  const headless = /-(linux|win32|darwin)-(x64|arm64)\.tar\.gz$/.exec(name)
  if (headless !== null) {
    const platform = updatePlatforms.find(
      (known) => known === (headless[1] === 'darwin' ? 'darwin-universal' : `${headless[1]}-${headless[2]}`),
    )
    if (platform !== undefined) return platform
  }
  if (/\.exe$/i.test(name)) return 'win32-x64'
  if (/\.(dmg|zip)$/i.test(name)) return 'darwin-universal'
  if (/\.(AppImage|deb|rpm)$/i.test(name)) return /arm64|aarch64/i.test(name) ? 'linux-arm64' : 'linux-x64'
  throw releaseInvalid(`${name} is none of exe, dmg, zip, AppImage, deb, rpm, nor a headless package (…-linux-x64.tar.gz)`)
}

/** The size of the block map that an AppImage carries at its end (deflated, then its length in four bytes); null where there is none. */
async function embeddedBlockMap(path: string): Promise<number | null> {
  if (!path.endsWith('.AppImage')) return null
  const file = await open(path)
  try {
    const { size } = await file.stat()
    if (size < 8) return null
    const length = (await readAt(file, size - 4, 4)).readUInt32BE(0)
    if (length === 0 || length > Math.min(size - 4, 64 * 1024 * 1024)) return null
    const map: unknown = JSON.parse(inflateRawSync(await readAt(file, size - 4 - length, length)).toString())
    return typeof map === 'object' && map !== null && 'files' in map ? length : null
  } catch {
    // Whatever stands at the end is no block map: the file is loaded whole.
    return null
  } finally {
    await file.close()
  }
}

async function readAt(file: Awaited<ReturnType<typeof open>>, position: number, length: number): Promise<Buffer> {
  return (await file.read(Buffer.alloc(length), 0, length, position)).buffer
}
