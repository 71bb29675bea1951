import { appError, type AppError } from '../errors/appError.ts'
import { feedSchema, type Feed, type FeedFile } from './feed.schema.ts'
import { channelTakes, compareVersions, type UpdateChannel } from './version.ts'

export interface FeedQuestion {
  /** What electron-updater read from the channel file. */
  feed: unknown
  currentVersion: string
  channel: UpdateChannel
  /** Where this computer stands among all, 0 ≤ x < 1, another place for each version. */
  shareOf: (version: string) => number
  isSigned: (version: string, file: FeedFile) => boolean
}

/** Why a release is not taken although nothing is wrong with it. */
export type Passed = 'same' | 'older' | 'notYetHere' | 'withdrawn'
export type Judgement = { kind: 'take'; feed: Feed } | { kind: 'pass'; because: Passed } | { kind: 'refuse'; error: AppError }

/**
 * Is the release a feed names to be installed here? Never an older one, whatever the feed says. Every file must be signed, not only
 * the one for this kind of package: a feed with a wrong file is not trusted at all.
 * Refusals: UPDATE_MALFORMED, UPDATE_WRONG_CHANNEL, UPDATE_SIGNATURE_WRONG.
 */
export function judgeFeed({ feed: given, currentVersion, channel, shareOf, isSigned }: FeedQuestion): Judgement {
  const parsed = feedSchema.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return refuse(appError('UPDATE_MALFORMED', { reason: `${issue?.path.join('.')}: ${issue?.message}` }))
  }
  const feed = parsed.data
  const { version } = feed
  const order = compareVersions(version, currentVersion)
  if (order === 0) return { kind: 'pass', because: 'same' }
  if (order < 0) return { kind: 'pass', because: 'older' }
  if (!channelTakes(channel, version)) return refuse(appError('UPDATE_WRONG_CHANNEL', { version, channel }))
  if (!feed.files.every((file) => isSigned(version, file))) return refuse(appError('UPDATE_SIGNATURE_WRONG', { version }))
  if (feed.withdrawn.includes(version)) return { kind: 'pass', because: 'withdrawn' }
  if (feed.stagingPercentage !== undefined && shareOf(version) * 100 >= feed.stagingPercentage)
    return { kind: 'pass', because: 'notYetHere' }
  return { kind: 'take', feed }
}

const refuse = (error: AppError): Judgement => ({ kind: 'refuse', error })
