import { opensPort, refusesForeignCalls, refusesUnsignedUpdate } from './checks.ts'
import { expect, test } from './desktop.ts'
import { makeFeed, packaged, pinnedTo } from './feed.ts'
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
  const pinned = pinnedTo(feed.url, feed.otherKey)
  const environment = packaged(feed, '1.0.0')
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
