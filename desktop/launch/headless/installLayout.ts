import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { updatePlatforms, versionSchema } from '#shared/updates/feed.schema.ts'

/**
 * Where the headless package lies on a computer:
 *
 *   pictor (pictor.cmd)     starts the current version; decides about a trial, see trial.ts
 *   current                 the name of a folder in versions/, and nothing else
 *   trial                   only while a new version has not proved itself
 *   versions/<version>/     bin/node, out/, node_modules/, package.json, release.json
 *
 * A version's folder is written once and never changed, so that going back is one small file.
 */
export interface Installation {
  root: string
  release: PackagedRelease
}

export const headlessTargets = ['linux-x64', 'linux-arm64', 'win32-x64', 'darwin-x64', 'darwin-arm64'] as const
export type HeadlessTarget = (typeof headlessTargets)[number]

/** Written when the package is made: as trustworthy as the code beside it. */
export const packagedReleaseSchema = z.object({
  format: z.literal(1),
  version: versionSchema,
  target: z.enum(headlessTargets),
  /** What releases of it are signed for. */
  platform: z.enum(updatePlatforms),
  /** Where newer ones are looked for; null: nowhere. */
  feedUrl: z.url({ protocol: /^https?$/ }).nullable(),
  /** Whose signature counts: Ed25519, 32 bytes in base64url. */
  publicKeys: z.array(z.string().regex(/^[\w-]{43}$/)),
})
export type PackagedRelease = z.infer<typeof packagedReleaseSchema>

/** A release of the headless package for one system; part of it is its place in the feed. */
export const packageFileName = (version: string, target: HeadlessTarget): string => `pictor-worker-${version}-${target}.tar.gz`

/** The folder that a package unpacks to. */
export const packageFolderName = 'pictor-worker'

export const versionsFolder = 'versions'
export const currentFile = 'current'
export const releaseFile = 'release.json'

/**
 * The installation that the running bundle belongs to; null when it was not started from a headless package (from the repository, say).
 * @param outFolder the folder with `node/` and `renderer/`
 */
export function findInstallation(outFolder: string): Installation | null {
  const versionFolder = dirname(outFolder)
  const versions = dirname(versionFolder)
  const path = join(versionFolder, releaseFile)
  if (!existsSync(path) || !existsSync(join(dirname(versions), currentFile))) return null
  const parsed = packagedReleaseSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')))
  return parsed.success ? { root: dirname(versions), release: parsed.data } : null
}

/** The program that starts the current version, whichever that is. */
export const starterOf = (root: string, platform: NodeJS.Platform = process.platform): string =>
  join(root, platform === 'win32' ? 'pictor.cmd' : 'pictor')
