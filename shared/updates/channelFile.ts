import type { UpdatePlatform } from './feed.schema.ts'
import type { UpdateChannel } from './version.ts'

/** The name of the file that holds the newest release of a channel for a system: what electron-updater asks for (its Provider.getChannelFilePrefix). */
export function channelFileName(channel: UpdateChannel, platform: UpdatePlatform): string {
  const suffix = { 'win32-x64': '', 'darwin-universal': '-mac', 'linux-x64': '-linux', 'linux-arm64': '-linux-arm64' }[platform]
  return `${channel}${suffix}.yml`
}
