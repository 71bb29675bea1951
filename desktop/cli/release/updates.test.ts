import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { buildBlockMap } from 'app-builder-lib/out/targets/blockmap/blockmap.js'
import { AppImageUpdater, DebUpdater, NsisUpdater } from 'electron-updater'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { rolloutShare } from '../../launch/updates/rolloutShare.ts'
import { makeReleaseKey } from '../../launch/updates/releaseSignature.ts'
import { addRelease } from './addRelease.ts'
import { readReleases, writeReleases, type Release } from './feedFolder.ts'
import { startFeedServer, type FeedServer } from '../../launch/updates/testing/feedServer.ts'
import { openInstallation, type InstallationOptions } from './testing/installation.ts'

const key = makeReleaseKey()
const base = randomBytes(600_000)
/** The next version: the same program with a piece in its middle replaced and one added. */
const later = Buffer.concat([base.subarray(0, 200_000), randomBytes(30_000), base.subarray(220_000)])
let root = ''
let server: FeedServer
const feed = () => join(root, 'feed')
const nameOf = (version: string) => `pictor-worker-${version}-x86_64.AppImage`

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'pictor-updates-'))
  mkdirSync(feed())
  server = await startFeedServer(feed())
})
afterEach(async () => {
  await server.stop()
  delete process.env['APPIMAGE']
  rmSync(root, { recursive: true, force: true })
})

async function built(version: string, content: Buffer): Promise<string> {
  const path = join(root, nameOf(version))
  writeFileSync(path, content)
  await buildBlockMap(path, 'deflate')
  return path
}

async function release(version: string, content: Buffer = later, more: Partial<Parameters<typeof addRelease>[0]> = {}): Promise<Release> {
  const files = [await built(version, content)]
  return addRelease({
    ...{ folder: feed(), version, files, privatePem: key.privatePem, notes: `What is new in ${version}`, stagingPercentage: null },
    now: new Date('2026-01-01T00:00:00Z'),
    ...more,
  })
}

/** Version 1.0.0 as an AppImage that lies on this computer. */
async function installed(more: Partial<InstallationOptions> = {}) {
  process.env['APPIMAGE'] = await built(more.version ?? '1.0.0', base)
  return openInstallation({
    ...{ Updater: AppImageUpdater, folder: join(root, 'installed'), feedUrl: server.url, publicKeys: [key.publicKey] },
    ...more,
  })
}

const edit = (what: (feed: Record<string, unknown> & { files: Record<string, unknown>[] }) => object) => (content: Buffer) =>
  JSON.stringify(what(JSON.parse(content.toString()) as Record<string, unknown> & { files: Record<string, unknown>[] }))
const bytesOf = (name: string) => server.asked.filter((each) => each.name === name).reduce((sum, { bytes }) => sum + bytes, 0)

describe('a good release', () => {
  it('is found, loaded as the difference to what is installed, and confirmed', async () => {
    await release('1.1.0')
    const { engine, updater } = await installed()
    expect(await engine.check()).toEqual({ ok: true, value: { version: '1.1.0', releaseNotes: 'What is new in 1.1.0' } })
    const percents: number[] = []
    expect(await engine.download((percent) => percents.push(percent))).toEqual({ ok: true, value: null })
    expect(await engine.confirm()).toEqual({ ok: true, value: null })
    expect(bytesOf(nameOf('1.1.0'))).toBeLessThan(200_000)
    expect(server.asked.filter(({ name }) => name.endsWith('.AppImage')).every(({ range }) => range !== null)).toBe(true)
    expect(updater.autoInstallOnAppQuit || updater.allowDowngrade || updater.autoDownload).toBe(false)
    expect(percents.length).toBeGreaterThan(0)
  })

  it('is loaded whole where nothing of the old one can be used', async () => {
    await release('1.1.0', randomBytes(300_000))
    const { engine } = await installed()
    process.env['APPIMAGE'] = join(root, 'is-not-there.AppImage')
    await engine.check()
    expect(await engine.download(() => undefined)).toEqual({ ok: true, value: null })
    expect(bytesOf(nameOf('1.1.0'))).toBeGreaterThan(300_000)
  })

  it('for Windows is loaded by its block map, as the difference to the last installer', async () => {
    const add = async (version: string, content: Buffer) => {
      const path = join(root, `pictor-worker-setup-${version}.exe`)
      writeFileSync(path, content)
      await buildBlockMap(path, 'gzip', `${path}.blockmap`)
      const options = { notes: '', stagingPercentage: null, now: new Date(), privatePem: key.privatePem }
      await addRelease({ folder: feed(), version, files: [path], ...options })
    }
    await add('1.0.0', base)
    await add('1.1.0', later)
    const { engine, updater } = await installed({ Updater: NsisUpdater, platform: 'win32-x64' })
    // Channel files of Windows; and a difference that cannot be loaded is an error instead of a whole download.
    Object.assign(updater, { _testOnlyOptions: { platform: 'win32', isUseDifferentialDownload: true } })
    updater.setFeedURL({ provider: 'generic', url: server.url, useMultipleRangeRequest: false })
    mkdirSync(join(root, 'installed/cache/pictor-updates'), { recursive: true })
    writeFileSync(join(root, 'installed/cache/pictor-updates/installer.exe'), base)
    expect(await engine.check()).toMatchObject({ ok: true, value: { version: '1.1.0' } })
    expect(await engine.download(() => undefined)).toEqual({ ok: true, value: null })
    expect(bytesOf('pictor-worker-setup-1.1.0.exe')).toBeLessThan(200_000)
  })
})

it('of the packages of one release a deb takes the deb, and confirms that one', async () => {
  const deb = join(root, 'pictor-worker-1.1.0-linux-amd64.deb')
  writeFileSync(deb, randomBytes(50_000))
  const options = { version: '1.1.0', notes: '', stagingPercentage: null, now: new Date(), privatePem: key.privatePem }
  await addRelease({ folder: feed(), files: [await built('1.1.0', later), deb], ...options })
  const { engine } = await installed({ Updater: DebUpdater })
  expect(await engine.check()).toMatchObject({ ok: true, value: { version: '1.1.0' } })
  expect(await engine.download(() => undefined)).toEqual({ ok: true, value: null })
  expect(bytesOf(basename(deb))).toBe(50_000)
  expect(bytesOf(nameOf('1.1.0'))).toBe(0)
  expect(await engine.confirm()).toEqual({ ok: true, value: null })
  await server.change(basename(deb), (content) => Buffer.concat([content.subarray(1), Buffer.from('x')]))
  const other = openInstallation({
    ...{ Updater: DebUpdater, folder: join(root, 'other'), feedUrl: server.url, publicKeys: [key.publicKey] },
  })
  await other.engine.check()
  expect(await other.engine.download(() => undefined)).toMatchObject({ ok: false, error: { code: 'UPDATE_DAMAGED' } })
})

describe('a download that is cut', () => {
  it('goes on where it was, and after a restart of the app too', async () => {
    await release('1.1.0', randomBytes(400_000))
    const first = await installed()
    process.env['APPIMAGE'] = join(root, 'is-not-there.AppImage')
    await first.engine.check()
    // The first goes to the block map, which is not there to compare with; six attempts at the file follow.
    server.cuts.push(0, ...Array<number>(6).fill(50_000))
    expect(await first.engine.download(() => undefined)).toMatchObject({ ok: false, error: { code: 'UPDATE_FEED_UNREACHABLE' } })
    expect(first.pauses()).toBe(5)
    const before = server.asked.length
    server.cuts.length = 0

    const second = openInstallation({
      ...{ Updater: AppImageUpdater, folder: join(root, 'installed'), feedUrl: server.url, publicKeys: [key.publicKey] },
    })
    await second.engine.check()
    expect(await second.engine.download(() => undefined)).toEqual({ ok: true, value: null })
    const resumed = server.asked.slice(before).filter(({ bytes }) => bytes > 50_000)
    expect(resumed).toHaveLength(1)
    expect(Number(/^bytes=(\d+)-$/.exec(resumed[0]?.range ?? '')?.[1])).toBeGreaterThan(200_000)
  })
})

describe('what is refused', () => {
  const load = async () => {
    const { engine } = await installed()
    const found = await engine.check()
    return found.ok && found.value !== null ? engine.download(() => undefined) : found
  }

  it('a file that was changed, and it is not gone on with', async () => {
    await release('1.1.0')
    await server.change(nameOf('1.1.0'), (content) =>
      Buffer.concat([content.subarray(0, 210_000), randomBytes(10), content.subarray(210_010)]),
    )
    expect(await load()).toMatchObject({ ok: false, error: { code: 'UPDATE_DAMAGED' } })
    // Nothing of it is left to go on with.
    expect(readdirSync(join(root, 'installed/partial'))).toEqual([])
  })

  it('a file that ends too early', async () => {
    await release('1.1.0')
    await server.change(nameOf('1.1.0'), (content) => content.subarray(0, 100_000))
    expect(await load()).toMatchObject({ ok: false, error: { code: 'UPDATE_DAMAGED' } })
  })

  it('another file, with the hash of that file in the feed', async () => {
    await release('1.1.0')
    const { files } = await release('1.2.0', randomBytes(50_000), {
      folder: join(root, 'elsewhere'),
      privatePem: makeReleaseKey().privatePem,
    })
    await server.change(
      'latest-linux.yml',
      edit((old) => ({ ...old, files: [{ ...old.files[0], sha512: files[0]?.sha512 }] })),
    )
    expect(await load()).toMatchObject({ ok: false, error: { code: 'UPDATE_SIGNATURE_WRONG' } })
  })

  it('a release signed by another key', async () => {
    await release('1.1.0', later, { privatePem: makeReleaseKey().privatePem })
    expect(await load()).toMatchObject({ ok: false, error: { code: 'UPDATE_SIGNATURE_WRONG' } })
  })

  it('an old signed file under a new version and name', async () => {
    const { files } = await release('1.0.1')
    await server.change(nameOf('1.0.1'), (content) => content)
    writeFileSync(join(feed(), nameOf('9.0.0')), readFileSync(join(feed(), nameOf('1.0.1'))))
    await server.change(
      'latest-linux.yml',
      edit((old) => ({ ...old, version: '9.0.0', files: [{ ...files[0], platform: undefined, url: nameOf('9.0.0') }] })),
    )
    expect(await load()).toMatchObject({ ok: false, error: { code: 'UPDATE_SIGNATURE_WRONG' } })
  })

  it('a file signed for another system', async () => {
    await release('1.1.0')
    const { engine } = await installed({ platform: 'linux-arm64' })
    expect(await engine.check()).toMatchObject({ ok: false, error: { code: 'UPDATE_SIGNATURE_WRONG' } })
  })

  it.each([
    ['a second package', { packages: { x64: { path: 'more.7z' } } }],
    ['an address instead of a name', { files: [{ url: 'https://evil.example/x.AppImage' }] }],
    ['a path out of the folder', { files: [{ url: '../../x-1.1.0.AppImage' }] }],
    ['no signature', { files: [{ signature: undefined }] }],
    ['a version of another form', { version: '1.1.0-nightly' }],
  ])('a feed with %s', async (_name, change) => {
    await release('1.1.0')
    await server.change(
      'latest-linux.yml',
      edit((old) => ({ ...old, ...change, files: [{ ...old.files[0], ...('files' in change ? change.files[0] : {}) }] })),
    )
    expect(await load()).toMatchObject({ ok: false, error: { code: 'UPDATE_MALFORMED' } })
  })

  it('text that is no feed at all', async () => {
    await release('1.1.0')
    await server.change('latest-linux.yml', () => '<html>: not: [here')
    expect(await load()).toMatchObject({ ok: false, error: { code: 'UPDATE_MALFORMED' } })
  })

  it('a beta on the latest channel', async () => {
    await release('1.1.0-beta.1')
    await release('1.0.1')
    await server.change('latest-linux.yml', () => readFileSync(join(feed(), 'beta-linux.yml')))
    expect(await load()).toMatchObject({ ok: false, error: { code: 'UPDATE_WRONG_CHANNEL' } })
  })

  it('what was changed on the disk after it was loaded', async () => {
    await release('1.1.0')
    const { engine } = await installed()
    await engine.check()
    await engine.download(() => undefined)
    writeFileSync(join(root, 'installed/cache/pictor-updates/pending', nameOf('1.1.0')), randomBytes(1_000))
    expect(await engine.confirm()).toMatchObject({ ok: false, error: { code: 'UPDATE_DAMAGED' } })
  })
})

describe('what is passed over', () => {
  it('an older version, also when the feed goes back to it', async () => {
    await release('1.1.0')
    const { engine } = await installed({ version: '2.0.0' })
    expect(await engine.check()).toEqual({ ok: true, value: null })
    engine.setChannel('beta')
    engine.setChannel('latest')
    expect(await engine.check()).toEqual({ ok: true, value: null })
  })

  it('a release that has not come to this computer yet', async () => {
    await release('1.1.0', later, { stagingPercentage: 50 })
    const ids = Array.from({ length: 40 }, (_, index) => `computer-${index}`)
    const taking = ids.filter((id) => rolloutShare(id, '1.1.0') < 0.5)
    expect(taking.length).toBeGreaterThan(5)
    expect(taking.length).toBeLessThan(35)
    for (const installationId of [taking[0] ?? '', ids.find((id) => !taking.includes(id)) ?? '']) {
      const { engine } = await installed({ installationId })
      const found = await engine.check()
      expect(found.ok && found.value !== null).toBe(taking.includes(installationId))
    }
  })

  it('a release that was withdrawn, before it is loaded and after', async () => {
    await release('1.0.1')
    await release('1.1.0')
    const { engine } = await installed()
    await engine.check()
    await engine.download(() => undefined)
    const releases = readReleases(feed())
    writeReleases(
      feed(),
      releases.map((each) =>
        each.version === '1.1.0' ? { ...each, withdrawn: { at: '2026-01-02T00:00:00Z', reason: 'renders black' } } : each,
      ),
    )
    expect(await engine.confirm()).toMatchObject({ ok: false, error: { code: 'UPDATE_WITHDRAWN' } })
    expect(await engine.check()).toMatchObject({ ok: true, value: { version: '1.0.1' } })
  })
})

it('a beta is found on the beta channel', async () => {
  await release('1.1.0-beta.2')
  const { engine } = await installed({ channel: 'beta' })
  expect(await engine.check()).toMatchObject({ ok: true, value: { version: '1.1.0-beta.2' } })
})

it.each([
  ['1.0.0', 'in this folder already'],
  ['0.9.0', 'in this folder already'],
  ['1.0', 'not a version'],
])('a folder with 1.0.0 takes no release %s', async (version, reason) => {
  await release('1.0.0')
  await expect(release(version)).rejects.toThrow(reason)
})
