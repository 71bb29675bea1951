import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AppUpdater } from 'electron-updater'
import type { Logger } from '#shared/log.ts'
import type { UpdatePlatform } from '#shared/updates/feed.schema.ts'
import type { UpdateChannel } from '#shared/updates/version.ts'
import { createUpdater, type UpdaterClass } from '../../../launch/updates/createUpdater.ts'
import { nodeRequest } from '../../../launch/updates/nodeRequest.ts'
import { createUpdateEngine, type UpdateEngine } from '../../../launch/updates/updateEngine.ts'

export interface InstallationOptions {
  Updater: UpdaterClass
  folder: string
  feedUrl: string
  publicKeys: string[]
  version?: string
  channel?: UpdateChannel
  platform?: UpdatePlatform
  installationId?: string
}

const quiet: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, child: () => quiet }

/** An installed app with the real classes of electron-updater, outside Electron: only its app adapter is ours. */
export function openInstallation(options: InstallationOptions): { engine: UpdateEngine; updater: AppUpdater; pauses: () => number } {
  const { Updater, folder, feedUrl, publicKeys, version = '1.0.0', channel = 'latest', platform = 'linux-x64' } = options
  mkdirSync(folder, { recursive: true })
  const appUpdateConfigPath = join(folder, 'app-update.yml')
  writeFileSync(appUpdateConfigPath, JSON.stringify({ provider: 'generic', url: feedUrl, updaterCacheDirName: 'pictor-updates' }))
  const app = {
    ...{ version, name: 'pictor', isPackaged: true, appUpdateConfigPath, userDataPath: folder, baseCachePath: join(folder, 'cache') },
    whenReady: () => Promise.resolve(),
    relaunch: () => undefined,
    quit: () => undefined,
    onQuit: () => undefined,
  }
  let paused = 0
  const pause = async () => void (paused += 1)
  const updater = createUpdater(Updater, app, feedUrl, { partialFolder: join(folder, 'partial'), makeRequest: nodeRequest, pause })
  const engine = createUpdateEngine({
    ...{ updater, publicKeys, platform, currentVersion: version, channel, log: quiet },
    installationId: options.installationId ?? 'this-computer',
  })
  return { engine, updater, pauses: () => paused }
}
