import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createReadStream, existsSync } from 'node:fs'
import { runCli } from '../support/cli.ts'
import { opensPort, refusesForeignCalls, refusesUnsignedUpdate } from './checks.ts'
import { expect, test } from './desktop.ts'
import { makeVariant, type Change } from './variant.ts'

/** The checks of the suite have teeth: each of three guards is broken in the built bundles, and its check must fail then. */
const brokenSender: Change = {
  file: 'main/main.js',
  from: 'isOwnWindow && isMainFrame && frameUrl !== null && isOwnAddress(frameUrl)',
  to: 'true',
}
const brokenSignature: Change = {
  file: 'main/main.js',
  from: 'return verify(null, statement, key,',
  to: 'return true || verify(null, statement, key,',
}
const brokenPreload: Change = { file: 'preload/preload.cjs', from: 'exposeInMainWorld("pictorShell"', to: 'exposeInMainWorld("pictorShel"' }

test('a broken preload, sender check or update guard is noticed', async ({ computer, desktop }) => {
  test.setTimeout(300_000)
  const feed = await makeFeed(computer.folder('release'))
  const pinned: Change[] = [
    { file: 'main/main.js', from: 'safeParse("").data', to: `safeParse(${JSON.stringify(feed.url)}).data` },
    { file: 'main/main.js', from: '"".split(",").filter((key)', to: `${JSON.stringify(feed.otherKey)}.split(",").filter((key)` },
  ]
  const environment = {
    PICTOR_HOST_PACKAGED: '1',
    PICTOR_HOST_VERSION: '1.0.0',
    PICTOR_HOST_RESOURCES: feed.folder,
    APPIMAGE: feed.installer,
  }
  const variants = {
    whole: makeVariant('whole', pinned),
    guards: makeVariant('guards', [...pinned, brokenSender, brokenSignature]),
    preload: makeVariant('preload', [brokenPreload]),
  }
  try {
    const whole = await desktop({ data: computer.folder('whole'), onHost: true, outFolder: variants.whole.folder, environment })
    await opensPort(await whole.page())
    await refusesForeignCalls(whole)
    await refusesUnsignedUpdate(whole)
    await whole.kill()

    const guards = await desktop({ data: computer.folder('guards'), onHost: true, outFolder: variants.guards.folder, environment })
    await opensPort(await guards.page())
    await expect(refusesForeignCalls(guards), 'without the sender check').rejects.toThrow()
    await expect(refusesUnsignedUpdate(guards), 'without the check of signatures').rejects.toThrow()
    await guards.kill()

    const preload = await desktop({ data: computer.folder('preload'), onHost: true, outFolder: variants.preload.folder })
    await expect(opensPort(await preload.page()), 'with a broken preload').rejects.toThrow()
  } finally {
    for (const variant of Object.values(variants)) variant.remove()
    feed.stop()
  }
})

/** A feed with a release 1.1.0 whose key is not the one that `otherKey` is. */
async function makeFeed(folder: string) {
  mkdirSync(folder, { recursive: true })
  const installer = join(folder, 'pictor-1.1.0.AppImage')
  writeFileSync(installer, 'not started by this test')
  const [feed, key] = [join(folder, 'feed'), join(folder, 'key.pem')]
  const release = async (...args: string[]) => (await runCli(['release', ...args, '--json'])).json()
  await release('keygen', '--out', key)
  await release('add', feed, installer, '--version', '1.1.0', '--key', key)
  const { publicKey } = await release('keygen', '--out', join(folder, 'other.pem'))
  const server = createServer((request, response) => {
    const path = join(feed, new URL(request.url ?? '/', 'http://x').pathname)
    if (existsSync(path)) createReadStream(path).pipe(response)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  writeFileSync(
    join(folder, 'app-update.yml'),
    JSON.stringify({ provider: 'generic', url: 'http://unused.invalid', updaterCacheDirName: 'pictor' }),
  )
  return {
    ...{ folder, installer, otherKey: String(publicKey), url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` },
    stop: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
