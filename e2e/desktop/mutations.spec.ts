import { opensPort, refusesForeignCalls, refusesUnsignedUpdate, shellState } from './checks.ts'
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
    expect(await guards.callFromForeignWindow('shell.get', {}), 'without the sender check').toMatchObject({ ok: true })
    await expect(refusesForeignCalls(guards)).rejects.toThrow('NOT_ALLOWED')
    await expect(refusesUnsignedUpdate(guards), 'without the check of signatures').rejects.toThrow('UPDATE_SIGNATURE_WRONG')
    expect((await shellState(await guards.page())).update, 'and the release is offered').toMatchObject({ name: 'available' })
    await guards.kill()

    const preload = await desktop({ data: computer.folder('preload'), onHost: true, outFolder: variants.preload.folder })
    const page = await preload.page()
    // Its page stands and its node is up: nothing more will come.
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible({ timeout: 60_000 })
    await expect.poll(async () => (await preload.tray()).toolTip, { timeout: 120_000 }).toContain('Ready')
    expect(await page.evaluate(() => ['pictorShell', 'pictorShel'].map((name) => name in window)), 'a broken preload').toEqual([
      false,
      true,
    ])
    await expect(opensPort(page, 2_000)).rejects.toThrow('a port to the node')
  } finally {
    for (const variant of Object.values(variants)) variant.remove()
    feed.stop()
  }
})
