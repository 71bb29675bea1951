import type { UpdatePlatform } from './feed.schema.ts'

/**
 * The text a release's signature is made over. An old file under a new version has another statement, so its signature does not fit;
 * so has a file for another system. `sha512` is in base64.
 */
export function releaseStatement(version: string, platform: UpdatePlatform, sha512: string): string {
  return `pictor-release 1\nversion ${version}\nplatform ${platform}\nsha512 ${sha512}\n`
}
