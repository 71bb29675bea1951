import { createHash } from 'node:crypto'

/** Where an installation stands among all for one version, 0 ≤ x < 1: each release begins with other computers. */
export function rolloutShare(installationId: string, version: string): number {
  return createHash('sha256').update(`${installationId} ${version}`).digest().readUInt32BE(0) / 2 ** 32
}
