import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { feedFileSchema, feedSchema, updatePlatforms, versionSchema, type UpdatePlatform } from '#shared/updates/feed.schema.ts'
import { channelFileName } from '#shared/updates/channelFile.ts'
import { channelTakes, compareVersions, updateChannels, type UpdateChannel } from '#shared/updates/version.ts'

const releaseSchema = z.object({
  version: versionSchema,
  releaseDate: z.iso.datetime(),
  releaseNotes: z.string().max(20_000),
  /** null: everybody. */
  stagingPercentage: z.number().min(0).max(100).nullable(),
  withdrawn: z.object({ at: z.iso.datetime(), reason: z.string() }).nullable(),
  files: z.array(z.object({ platform: z.enum(updatePlatforms), ...feedFileSchema.shape })).min(1),
})
export type Release = z.infer<typeof releaseSchema>

const indexSchema = z.object({ format: z.literal(1), releases: z.array(releaseSchema) })
const indexName = 'releases.json'

export const releaseInvalid = (reason: string) => new AppErrorException(appError('RELEASE_INVALID', { reason }))

/** The releases of a feed folder, oldest version first; none where nothing was made yet. Throws RELEASE_INVALID when its list is not readable. */
export function readReleases(folder: string): Release[] {
  const path = join(folder, indexName)
  if (!existsSync(path)) return []
  try {
    return indexSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).releases
  } catch (error) {
    throw releaseInvalid(`${path} is not a list of releases (${error instanceof Error ? error.message.slice(0, 200) : String(error)})`)
  }
}

export function findRelease(releases: readonly Release[], version: string): Release {
  const found = releases.find((release) => release.version === version)
  if (found === undefined) throw releaseInvalid(`there is no release ${version} in this folder`)
  return found
}

/**
 * Writes the list and then, from it, every channel file: whoever reads the folder meanwhile sees the old or the new state of each file, and
 * never a file that names what is not there yet.
 */
export function writeReleases(folder: string, releases: readonly Release[]): void {
  mkdirSync(folder, { recursive: true })
  const sorted = [...releases].sort((a, b) => compareVersions(a.version, b.version))
  replaceFile(join(folder, indexName), `${JSON.stringify({ format: 1, releases: sorted }, null, 2)}\n`)
  for (const channel of updateChannels)
    for (const platform of updatePlatforms) {
      const content = channelFile(sorted, channel, platform)
      if (content !== null) replaceFile(join(folder, channelFileName(channel, platform)), content)
    }
}

/** The newest release of the channel for the system that was not withdrawn. JSON is YAML too, and needs no second library. */
function channelFile(sorted: readonly Release[], channel: UpdateChannel, platform: UpdatePlatform): string | null {
  const fitting = sorted.filter(({ version, files }) => channelTakes(channel, version) && files.some((file) => file.platform === platform))
  const withdrawn = fitting.filter((release) => release.withdrawn !== null).map(({ version }) => version)
  // With everything withdrawn the first one stays named, as withdrawn: nobody installs it, and nobody finds an empty file.
  const newest = fitting.findLast((release) => release.withdrawn === null) ?? fitting[0]
  if (newest === undefined) return null
  const files = newest.files.filter((file) => file.platform === platform).map(({ platform: _platform, ...file }) => file)
  const feed = feedSchema.parse({
    version: newest.version,
    files,
    // Older readers of the format take these.
    path: files[0]?.url,
    sha512: files[0]?.sha512,
    releaseDate: newest.releaseDate,
    releaseNotes: newest.releaseNotes,
    ...(newest.stagingPercentage === null ? {} : { stagingPercentage: newest.stagingPercentage }),
    withdrawn,
  })
  return `${JSON.stringify(feed, null, 2)}\n`
}

function replaceFile(path: string, content: string): void {
  writeFileSync(`${path}.new`, content)
  renameSync(`${path}.new`, path)
}
