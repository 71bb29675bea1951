import { appError, type AppError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { Feed, FeedFile, UpdatePlatform } from '#shared/updates/feed.schema.ts'
import { judgeFeed, type Judgement } from '#shared/updates/judgeFeed.ts'
import type { UpdateChannel } from '#shared/updates/version.ts'
import { fileSha512 } from './fileHash.ts'
import { isSignedRelease } from './releaseSignature.ts'
import { rolloutShare } from './rolloutShare.ts'
import type { UpdateEngine } from './updateEngine.ts'

/** How one kind of package is fetched and installed. What may be installed is not its business. */
export interface PackageSource {
  setChannel(channel: UpdateChannel): void
  /** What the channel file says; null: it names nothing newer. Rejects when it cannot be had. */
  readFeed(): Promise<unknown>
  /** Loads the release that `readFeed` named last; the path of the file. Rejects. */
  load(feed: Feed, onPercent: (percent: number) => void): Promise<string | null>
  /** Makes a verified file ready, as far as that disturbs nothing that runs. Never rejects. */
  prepare?(feed: Feed, file: string): Promise<Result<null>>
  /** Hands over to the new version. Errors: UPDATE_INSTALL_FAILED. */
  install(feed: Feed): Result<null>
}

export interface FeedEngineOptions {
  source: PackageSource
  /** The pinned keys; see releaseSignature.ts. */
  publicKeys: readonly string[]
  platform: UpdatePlatform
  currentVersion: string
  channel: UpdateChannel
  installationId: string
  /** Why a version is not taken here although the feed offers it, e.g. because it did not start. */
  refuse?: (version: string) => AppError | null
  /** What a rejection of the source means. */
  readError: (thrown: unknown, version: string | null) => AppError
}

/** The rules of every update: judged by the feed, verified by signature and hash after loading, confirmed right before installing. */
export function createFeedEngine(options: FeedEngineOptions): UpdateEngine {
  const { source, publicKeys, platform, currentVersion, installationId, readError } = options
  let channel = options.channel
  let taken: Feed | null = null
  let file: string | null = null
  source.setChannel(channel)

  const isSigned = (version: string, entry: FeedFile) => isSignedRelease(publicKeys, platform, version, entry)
  async function judge(): Promise<Result<Judgement>> {
    try {
      const feed = await source.readFeed()
      if (feed === null) return ok({ kind: 'pass', because: 'same' })
      const shareOf = (version: string) => rolloutShare(installationId, version)
      return ok(judgeFeed({ feed, currentVersion, channel, shareOf, isSigned }))
    } catch (error) {
      return err(readError(error, null))
    }
  }

  async function verify(): Promise<Result<null>> {
    if (taken === null || file === null) return err(appError('UPDATE_DAMAGED', { version: taken?.version ?? '?' }))
    const { version } = taken
    const sha512 = await fileSha512(file).catch(() => null)
    const entry = taken.files.find((each) => each.sha512 === sha512)
    if (entry === undefined) return err(appError('UPDATE_DAMAGED', { version }))
    return isSigned(version, entry) ? ok(null) : err(appError('UPDATE_SIGNATURE_WRONG', { version }))
  }

  return {
    setChannel(next) {
      channel = next
      source.setChannel(next)
    },
    async check() {
      taken = null
      file = null
      const judged = await judge()
      if (!judged.ok) return judged
      const judgement = judged.value
      if (judgement.kind === 'refuse') return err(judgement.error)
      if (judgement.kind === 'pass') return ok(null)
      const refused = options.refuse?.(judgement.feed.version) ?? null
      if (refused !== null) return err(refused)
      taken = judgement.feed
      return ok({ version: taken.version, releaseNotes: taken.releaseNotes ?? null })
    },
    async download(onPercent) {
      const version = taken?.version ?? '?'
      if (taken === null) return err(appError('UPDATE_DAMAGED', { version }))
      try {
        file = await source.load(taken, onPercent)
      } catch (error) {
        return err(readError(error, version))
      }
      const verified = await verify()
      if (!verified.ok || file === null || source.prepare === undefined) return verified
      return source.prepare(taken, file)
    },
    async confirm() {
      const version = taken?.version
      const judged = await judge()
      // Without a line the signature alone decides; a feed that answers may have withdrawn the release, or name another.
      if (judged.ok) {
        const judgement = judged.value
        if (judgement.kind === 'refuse') return err(judgement.error)
        if (judgement.kind === 'pass' && judgement.because !== 'notYetHere') return err(withdrawn(version))
        if (judgement.kind === 'take' && judgement.feed.withdrawn.includes(version ?? '')) return err(withdrawn(version))
      }
      return verify()
    },
    install: () =>
      taken === null ? err(appError('UPDATE_INSTALL_FAILED', { version: '?', reason: 'nothing was loaded' })) : source.install(taken),
  }
}

const withdrawn = (version: string | undefined): AppError => appError('UPDATE_WITHDRAWN', { version: version ?? '?' })
