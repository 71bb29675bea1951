import { chmodSync, createReadStream, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { runCli } from '../support/cli.ts'
import type { Change } from './variant.ts'

export const releaseNotes = 'Renders in the dark.'

/** A feed over HTTP with a signed release 1.1.0, made by `pictor release`. What is installed is a script that says it was started. */
export async function makeFeed(folder: string) {
  mkdirSync(folder, { recursive: true })
  const [installer, started] = [join(folder, 'pictor-1.1.0.AppImage'), join(folder, 'started.txt')]
  writeFileSync(installer, `#!/bin/sh\necho 1.1.0 >> '${started}'\n`)
  chmodSync(installer, 0o755)
  // What is replaced by it.
  const installed = join(folder, 'installed.AppImage')
  writeFileSync(installed, 'version 1.0.0')
  const [feed, key, notes] = [join(folder, 'feed'), join(folder, 'key.pem'), join(folder, 'notes.md')]
  writeFileSync(notes, releaseNotes)
  const release = async (...args: string[]) => (await runCli(['release', ...args, '--json'])).json()
  const own = await release('keygen', '--out', key)
  await release('add', feed, installer, '--version', '1.1.0', '--key', key, '--notes', notes)
  const other = await release('keygen', '--out', join(folder, 'other.pem'))
  const server = createServer((request, response) => {
    const path = join(feed, new URL(request.url ?? '/', 'http://x').pathname)
    if (existsSync(path)) createReadStream(path).pipe(response)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // What electron-builder puts beside the app.
  writeFileSync(
    join(folder, 'app-update.yml'),
    JSON.stringify({ provider: 'generic', url: 'http://unused.invalid', updaterCacheDirName: `pictor-test-${process.pid}` }),
  )
  return {
    ...{ folder, installed, started, key: String(own['publicKey']), otherKey: String(other['publicKey']) },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Puts a feed and a key into the built app, as PICTOR_UPDATE_FEED and PICTOR_UPDATE_KEYS do when it is built. */
export const pinnedTo = (url: string, key: string): Change[] => [
  { file: 'main/main.js', from: 'safeParse("").data', to: `safeParse(${JSON.stringify(url)}).data` },
  { file: 'main/main.js', from: '"".split(",").filter((key)', to: `${JSON.stringify(key)}.split(",").filter((key)` },
]

/** The host plays a packaged app of this version. */
export const packaged = (feed: { folder: string; installed: string }, version: string): Record<string, string> => ({
  PICTOR_HOST_PACKAGED: '1',
  PICTOR_HOST_VERSION: version,
  PICTOR_HOST_RESOURCES: feed.folder,
  APPIMAGE: feed.installed,
})
