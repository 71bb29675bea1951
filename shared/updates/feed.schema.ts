import { z } from 'zod'
import { isReleaseVersion } from './version.ts'

/** Systems a release is made for; `universal` runs on both kinds of Mac. */
export const updatePlatforms = ['win32-x64', 'darwin-universal', 'linux-x64', 'linux-arm64'] as const
export type UpdatePlatform = (typeof updatePlatforms)[number]

export const versionSchema = z.string().max(40).refine(isReleaseVersion, 'not a version of the form 1.2.3 or 1.2.3-beta.4')
/** A file's name and nothing else: it lies beside the feed file, on the same host. */
export const fileNameSchema = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._+-]*$/)
/** 64 bytes in base64. */
const sixtyFourBytes = z.string().regex(/^[A-Za-z0-9+/]{86}==$/)

export const feedFileSchema = z.looseObject({
  url: fileNameSchema,
  sha512: sixtyFourBytes,
  size: z.number().int().positive(),
  /** Present when the file carries its block map at its end (AppImage). */
  blockMapSize: z.number().int().positive().optional(),
  /** Ed25519 over releaseStatement(version, platform, sha512), in base64. */
  signature: sixtyFourBytes,
})

/**
 * What one channel file of the feed says (`latest.yml`, `beta-linux.yml` …): electron-updater's own fields, and ours beside them.
 * One file holds the newest release of one channel for one system.
 */
export const feedSchema = z.looseObject({
  version: versionSchema,
  files: z.array(feedFileSchema).min(1).max(10),
  releaseDate: z.iso.datetime(),
  releaseNotes: z.string().max(20_000).optional(),
  /** How many of a hundred computers take it; absent: all. */
  stagingPercentage: z.number().min(0).max(100).optional(),
  /** Versions that must not be installed any more, whoever has downloaded them. */
  withdrawn: z.array(versionSchema).max(1_000).default([]),
  /** Of web installers, whose second file nobody signed. */
  packages: z.undefined().optional(),
})
export type Feed = z.infer<typeof feedSchema>
export type FeedFile = z.infer<typeof feedFileSchema>
