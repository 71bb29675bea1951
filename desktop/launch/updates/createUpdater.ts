import type { AppUpdater } from 'electron-updater'
import type { AppAdapter } from 'electron-updater/out/AppAdapter.js'
import { ResumingExecutor, type ResumingOptions } from './resumingExecutor.ts'

/** Every class of electron-updater, as `new Class(options, app)`. */
export type UpdaterClass = new (options: null, app: AppAdapter) => AppUpdater

/** An updater of the given kind of package that reads the feed at `feedUrl` and goes on with cut downloads. */
export function createUpdater(Updater: UpdaterClass, app: AppAdapter, feedUrl: string, downloads: ResumingOptions): AppUpdater {
  const updater = new Updater(null, app)
  useFeed(updater, feedUrl, downloads)
  return updater
}

/** For Electron's own `autoUpdater`, which makes itself. */
export function useFeed(updater: AppUpdater, feedUrl: string, downloads: ResumingOptions): void {
  // The feed's provider keeps the executor it was made with, so the executor comes first. The field is not in the types.
  Object.assign(updater, { httpExecutor: new ResumingExecutor(downloads) })
  // Several ranges in one request are more than most static hosts know.
  updater.setFeedURL({ provider: 'generic', url: feedUrl, useMultipleRangeRequest: false })
}
