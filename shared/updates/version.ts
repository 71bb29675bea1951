/** Versions we publish: `1.2.3`, or `1.2.3-beta.4` before it. Nothing else, so that the channel stands in the (signed) version. */
const pattern = /^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})(?:-(beta)\.(0|[1-9]\d{0,5}))?$/

export const updateChannels = ['latest', 'beta'] as const
export type UpdateChannel = (typeof updateChannels)[number]

export const isReleaseVersion = (text: string): boolean => pattern.test(text)

/** Negative when `a` is older, 0 when they are the same. Throws on what is no version of ours. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)]
  for (const [index, part] of left.entries()) {
    const difference = part - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** The channel a version belongs to. Who follows `beta` takes releases of `latest` too, never the other way round. */
export const channelOf = (version: string): UpdateChannel => (version.includes('-beta.') ? 'beta' : 'latest')

export const channelTakes = (channel: UpdateChannel, version: string): boolean => channel === 'beta' || channelOf(version) === 'latest'

function partsOf(version: string): number[] {
  const found = pattern.exec(version)
  if (found === null) throw new Error(`${version} is not a version of the form 1.2.3 or 1.2.3-beta.4`)
  const [, major, minor, patch, beta, count] = found
  // A version stands behind all of its betas.
  return [major, minor, patch, beta === undefined ? 1 : 0, count ?? 0].map(Number)
}
