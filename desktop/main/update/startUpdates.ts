import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { app, net } from 'electron'
import electronUpdater from 'electron-updater'
import type { ClientRequest } from 'node:http'
import type { Clock, Logger } from '#shared/log.ts'
import type { UpdateState } from '#shared/updates/updateState.ts'
import { useFeed } from '../../launch/updates/createUpdater.ts'
import { createUpdateEngine, type UpdateEngine } from '../../launch/updates/updateEngine.ts'
import { createUpdateService, type UpdateService } from '../../launch/updates/updateService.ts'
import type { ShellMemory } from '../settings/settings.store.ts'
import { ownPlatform, pinned } from './pinned.ts'

export interface UpdatesOptions {
  memory: ShellMemory
  cacheFolder: string
  clock: Clock
  log: Logger
  onState: (state: UpdateState) => void
  drain: (deadlineAt: number) => Promise<void>
  undrain: () => void
  isSystemEnding: () => boolean
}

/** The update machine of the app on electron-updater's own updater for this package. It is disabled, with the reason, where it cannot work. */
export function startUpdates(options: UpdatesOptions): { service: UpdateService; engine: UpdateEngine } {
  const { memory, cacheFolder, clock, log } = options
  const { feedUrl, publicKeys } = pinned()
  const platform = ownPlatform(process.platform, process.arch)
  const settings = memory.settings()
  const pause = (attempt: number) => new Promise<void>((resolve) => void clock.after(1_000 * 2 ** attempt * (0.5 + Math.random()), resolve))
  // Made at the first use, not at the import.
  const { autoUpdater } = electronUpdater
  useFeed(autoUpdater, feedUrl ?? 'https://no-feed.invalid/', {
    partialFolder: join(cacheFolder, 'updates'),
    // Safe: Electron's request has the parts that are used (events, end, abort); it knows the system's proxies.
    makeRequest: (request, onResponse) => net.request(request as never).on('response', onResponse as never) as unknown as ClientRequest,
    pause,
  })
  const engine = createUpdateEngine({
    ...{ updater: autoUpdater, publicKeys, platform: platform ?? 'linux-x64', log },
    currentVersion: app.getVersion(),
    channel: settings.updateChannel,
    installationId: memory.installationId,
  })
  const service = createUpdateService({
    ...{ engine, clock, log, random: Math.random, onState: options.onState },
    ...{ drain: options.drain, undrain: options.undrain, isSystemEnding: options.isSystemEnding },
    automatic: () => memory.settings().autoUpdate,
    asksForPassword: isOfPackageManager(),
  })
  if (!app.isPackaged) service.disable('notPackaged')
  else if (feedUrl === null) service.disable('noFeed')
  else if (publicKeys.length === 0 || platform === null) service.disable('noKey')
  else service.start()
  return { service, engine }
}

/** electron-builder leaves this file in a deb and an rpm, and electron-updater picks its way of installing by it. */
const isOfPackageManager = (): boolean => process.getuid?.() !== 0 && existsSync(join(process.resourcesPath, 'package-type'))
