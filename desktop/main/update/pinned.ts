import { z } from 'zod'
import { updatePlatforms, type UpdatePlatform } from '#shared/updates/feed.schema.ts'

// Put in when the app is built (build/electron.vite.config.ts), from PICTOR_UPDATE_FEED and PICTOR_UPDATE_KEYS; empty in builds for oneself.
declare const __UPDATE_FEED__: string
declare const __UPDATE_KEYS__: string

export interface Pinned {
  feedUrl: string | null
  publicKeys: string[]
}

/** Where releases are looked for, and whose signature counts. Nothing outside of the app's own code can change either. */
export function pinned(): Pinned {
  const feedUrl = z.url({ protocol: /^https?$/ }).safeParse(__UPDATE_FEED__).data ?? null
  return { feedUrl, publicKeys: __UPDATE_KEYS__.split(',').filter((key) => /^[\w-]{43}$/.test(key)) }
}

/** The system this app is a release for; null where we make none. */
export function ownPlatform(platform: NodeJS.Platform, arch: string): UpdatePlatform | null {
  const name = platform === 'darwin' ? 'darwin-universal' : `${platform}-${arch}`
  return updatePlatforms.find((known) => known === name) ?? null
}
