import type { AppUpdater } from 'electron-updater'
import { appError, type AppError } from '#shared/errors/appError.ts'
import type { Logger } from '#shared/log.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { UpdatePlatform } from '#shared/updates/feed.schema.ts'
import type { UpdateRelease } from '#shared/updates/updateState.ts'
import type { UpdateChannel } from '#shared/updates/version.ts'
import { createFeedEngine, type PackageSource } from './feedEngine.ts'

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
 * electron-updater with our own rules around it: it fetches and installs, what may be installed is decided in feedEngine.ts. Its ways of installing
 * by itself (on quit, on download) and of going back to an older version are off.
 */
export function createUpdateEngine({ updater, log, ...rules }: UpdateEngineOptions): UpdateEngine {
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
  return createFeedEngine({ ...rules, source: electronSource(updater), readError })
}

function electronSource(updater: AppUpdater): PackageSource {
  return {
    setChannel(channel) {
      updater.channel = channel
      // The setter of `channel` switches this on.
      updater.allowDowngrade = false
      updater.allowPrerelease = false
    },
    readFeed: async () => (await updater.checkForUpdates())?.updateInfo ?? null,
    async load(_feed, onPercent) {
      const progress = ({ percent }: { percent: number }) => onPercent(percent)
      updater.on('download-progress', progress)
      try {
        // The first is the installer itself, a second one only exists for web installers.
        return (await updater.downloadUpdate())[0] ?? null
      } finally {
        updater.off('download-progress', progress)
      }
    },
    install({ version }) {
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
const codeOf = (error: unknown): unknown => (typeof error === 'object' && error !== null && 'code' in error ? error.code : null)

function readError(error: unknown, version: string | null): AppError {
  if (codeOf(error) === 'ERR_CHECKSUM_MISMATCH') return appError('UPDATE_DAMAGED', { version: version ?? '?' })
  // Its messages carry the whole answer and the stack.
  const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 200) ?? ''
  if (codeOf(error) === 'ERR_UPDATER_INVALID_UPDATE_INFO' || codeOf(error) === 'ERR_UPDATER_INVALID_VERSION')
    return appError('UPDATE_MALFORMED', { reason })
  return appError('UPDATE_FEED_UNREACHABLE', { reason })
}
