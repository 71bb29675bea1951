import type { AppUpdater } from 'electron-updater'
import { appError, type AppError } from '#shared/errors/appError.ts'
import type { Logger } from '#shared/log.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { Feed, FeedFile, UpdatePlatform } from '#shared/updates/feed.schema.ts'
import { judgeFeed, type Judgement } from '#shared/updates/judgeFeed.ts'
import type { UpdateRelease } from '#shared/updates/updateState.ts'
import type { UpdateChannel } from '#shared/updates/version.ts'
import { fileSha512 } from './fileHash.ts'
import { isSignedRelease } from './releaseSignature.ts'
import { rolloutShare } from './rolloutShare.ts'

export interface UpdateEngineOptions {
  /** electron-updater's class for this kind of package, with its feed set. */
  updater: AppUpdater
  /** The pinned keys; see releaseSignature.ts. */
  publicKeys: readonly string[]
  platform: UpdatePlatform
  currentVersion: string
  channel: UpdateChannel
  installationId: string
  log: Logger
}

/** What the update machine does in the world. Nothing here rejects. */
export interface UpdateEngine {
  /** A release to install; null when there is none for this computer. Errors: UPDATE_FEED_UNREACHABLE and the refusals of judgeFeed. */
  check(): Promise<Result<UpdateRelease | null>>
  /** Loads the release of the last check. Errors: UPDATE_FEED_UNREACHABLE, UPDATE_DAMAGED, UPDATE_SIGNATURE_WRONG. */
  download(onPercent: (percent: number) => void): Promise<Result<null>>
  /** Right before installing: what lies on the disk is what was signed, and nobody withdrew it meanwhile. Errors: the same, UPDATE_WITHDRAWN. */
  confirm(): Promise<Result<null>>
  /** Hands over to the installer, silently, and ends the app. Errors: UPDATE_INSTALL_FAILED. */
  install(): Result<null>
  setChannel(channel: UpdateChannel): void
}

/**
 * electron-updater with our own rules around it: it fetches and installs, what may be installed is decided here. Its ways of installing
 * by itself (on quit, on download) and of going back to an older version are off.
 */
export function createUpdateEngine(options: UpdateEngineOptions): UpdateEngine {
  const { updater, publicKeys, platform, currentVersion, installationId, log } = options
  let channel = options.channel
  let taken: Feed | null = null
  let file: string | null = null

  updater.logger = {
    info: quiet,
    warn: quiet,
    error: (message?: unknown) => log.warn('updater', { message: String(message).slice(0, 500) }),
  }
  updater.autoDownload = false
  updater.autoInstallOnAppQuit = false
  updater.disableWebInstaller = true
  updater.isUserWithinRollout = () => true
  // Errors arrive by rejections; without a listener the event would end the process.
  updater.on('error', quiet)
  const follow = (next: UpdateChannel) => {
    channel = next
    updater.channel = next
    // The setter of `channel` switches this on.
    updater.allowDowngrade = false
    updater.allowPrerelease = false
  }
  follow(channel)

  const isSigned = (version: string, entry: FeedFile) => isSignedRelease(publicKeys, platform, version, entry)
  async function judge(): Promise<Result<Judgement>> {
    try {
      const answer = await updater.checkForUpdates()
      if (answer === null) return ok({ kind: 'pass', because: 'same' })
      const shareOf = (version: string) => rolloutShare(installationId, version)
      return ok(judgeFeed({ feed: answer.updateInfo, currentVersion, channel, shareOf, isSigned }))
    } catch (error) {
      return err(feedError(error))
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
    setChannel: follow,
    async check() {
      taken = null
      file = null
      const judged = await judge()
      if (!judged.ok) return judged
      const judgement = judged.value
      if (judgement.kind === 'refuse') return err(judgement.error)
      if (judgement.kind === 'pass') return ok(null)
      taken = judgement.feed
      return ok({ version: taken.version, releaseNotes: taken.releaseNotes ?? null })
    },
    async download(onPercent) {
      const version = taken?.version ?? '?'
      const progress = ({ percent }: { percent: number }) => onPercent(percent)
      updater.on('download-progress', progress)
      try {
        // The first is the installer itself, a second one only exists for web installers.
        file = (await updater.downloadUpdate())[0] ?? null
      } catch (error) {
        return err(codeOf(error) === 'ERR_CHECKSUM_MISMATCH' ? appError('UPDATE_DAMAGED', { version }) : feedError(error))
      } finally {
        updater.off('download-progress', progress)
      }
      return verify()
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
    install() {
      const version = taken?.version ?? '?'
      let problem: string | null = null
      const note = (error: Error) => (problem = error.message)
      updater.on('error', note)
      try {
        updater.quitAndInstall(true, true)
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error)
      } finally {
        updater.off('error', note)
      }
      return problem === null ? ok(null) : err(appError('UPDATE_INSTALL_FAILED', { version, reason: problem }))
    },
  }
}

const quiet = () => undefined
const withdrawn = (version: string | undefined): AppError => appError('UPDATE_WITHDRAWN', { version: version ?? '?' })
const codeOf = (error: unknown): unknown => (typeof error === 'object' && error !== null && 'code' in error ? error.code : null)

function feedError(error: unknown): AppError {
  // Its messages carry the whole answer and the stack.
  const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 200) ?? ''
  if (codeOf(error) === 'ERR_UPDATER_INVALID_UPDATE_INFO' || codeOf(error) === 'ERR_UPDATER_INVALID_VERSION')
    return appError('UPDATE_MALFORMED', { reason })
  return appError('UPDATE_FEED_UNREACHABLE', { reason })
}
