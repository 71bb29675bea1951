import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CancellationToken, configureRequestUrl } from 'builder-util-runtime'
import type { RequestOptions } from 'node:http'
import { appError, type AppError } from '#shared/errors/appError.ts'
import type { Clock } from '#shared/log.ts'
import { err, ok } from '#shared/result.ts'
import { channelFileName } from '#shared/updates/channelFile.ts'
import type { UpdateChannel } from '#shared/updates/version.ts'
import type { PackageSource } from '../updates/feedEngine.ts'
import { nodeRequest } from '../updates/nodeRequest.ts'
import { ResumingExecutor } from '../updates/resumingExecutor.ts'
import { packageFileName, type Installation } from './installLayout.ts'
import { beginTrial } from './trial.ts'
import { unpackRelease } from './unpackRelease.ts'

export interface TarballSourceOptions {
  installation: Installation
  feedUrl: string
  clock: Clock
  random: () => number
  /** The new version is the current one now: end, and start that. */
  restart: () => void
}

/** The headless package as something that updates: the same feed as the desktop app, another file in it. */
export function createTarballSource({ installation, feedUrl, clock, random, restart }: TarballSourceOptions): PackageSource {
  const { root, release } = installation
  const folder = join(root, '.update')
  let channel: UpdateChannel = 'latest'
  const executor = new ResumingExecutor({
    ...{ partialFolder: join(folder, 'partial'), makeRequest: nodeRequest },
    pause: (attempt) => new Promise((resolve) => void clock.after(1_000 * 2 ** attempt * (0.5 + random()), resolve)),
  })
  const addressOf = (name: string) => new URL(name, feedUrl.endsWith('/') ? feedUrl : `${feedUrl}/`)

  return {
    setChannel: (next) => void (channel = next),
    async readFeed() {
      const request: RequestOptions = { headers: { accept: '*/*', 'cache-control': 'no-cache' } }
      configureRequestUrl(addressOf(channelFileName(channel, release.platform)), request)
      const feed: unknown = JSON.parse((await executor.request(request)) ?? 'null')
      return hasPackage(feed) ? feed : null
    },
    async load(feed, onPercent) {
      const entry = feed.files.find(({ url }) => url === packageFileName(feed.version, release.target))
      if (entry === undefined) return null
      mkdirSync(folder, { recursive: true })
      return executor.download(addressOf(entry.url), join(folder, entry.url), {
        ...{ sha512: entry.sha512, cancellationToken: new CancellationToken(), headers: {} },
        onProgress: ({ percent }) => onPercent(percent),
      })
    },
    prepare: ({ version }, file) => unpackRelease(installation, file, version),
    install({ version }) {
      try {
        beginTrial(installation, version)
      } catch (error) {
        return err(appError('UPDATE_INSTALL_FAILED', { version, reason: error instanceof Error ? error.message : String(error) }))
      }
      rmSync(folder, { recursive: true, force: true })
      restart()
      return ok(null)
    },
  }

  /** A release without a headless package for this system is none for this computer. */
  function hasPackage(feed: unknown): boolean {
    if (typeof feed !== 'object' || feed === null || !('files' in feed) || !Array.isArray(feed.files) || !('version' in feed)) return true
    const name = packageFileName(String(feed.version), release.target)
    return feed.files.some((file: unknown) => typeof file === 'object' && file !== null && 'url' in file && file.url === name)
  }
}

/** What a rejection of this source means. */
export function tarballError(thrown: unknown, version: string | null): AppError {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : null
  if (code === 'ERR_CHECKSUM_MISMATCH') return appError('UPDATE_DAMAGED', { version: version ?? '?' })
  // Its messages carry the whole answer.
  const reason = (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')[0]?.slice(0, 200) ?? ''
  return thrown instanceof SyntaxError ? appError('UPDATE_MALFORMED', { reason }) : appError('UPDATE_FEED_UNREACHABLE', { reason })
}
