import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { feedSchema } from '#shared/updates/feed.schema.ts'
import { isSignedRelease } from '../../launch/updates/releaseSignature.ts'
import { makeContext } from '../context.ts'
import { runProgram } from '../program.ts'

let root = ''
let out = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pictor-release-'))
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
  rmSync(root, { recursive: true, force: true })
})

async function release(...argv: string[]): Promise<Record<string, unknown>> {
  out = ''
  await runProgram(makeContext('/nowhere/out', '9.9.9'), ['release', ...argv, '--json'])
  return JSON.parse(out) as Record<string, unknown>
}
const feedOf = (name: string) => feedSchema.parse(JSON.parse(readFileSync(join(root, 'feed', name), 'utf8')))

it('makes a key, a feed, a staged beta, and takes it back', async () => {
  const key = join(root, 'key.pem')
  const { publicKey } = (await release('keygen', '--out', key)) as { publicKey: string }
  if (process.platform !== 'win32') expect(statSync(key).mode & 0o777).toBe(0o600)
  expect(await release('keygen', '--out', key)).toMatchObject({ ok: false, error: { code: 'RELEASE_INVALID' } })

  const feed = join(root, 'feed')
  const installers = (version: string) =>
    [`Pictor-${version}.exe`, `Pictor-${version}.zip`, `pictor-${version}.deb`, `pictor-${version}-arm64.deb`].map((name) => {
      writeFileSync(join(root, name), `${name} content`)
      return join(root, name)
    })
  writeFileSync(join(root, 'notes.md'), 'Faster.')
  const add = (version: string, ...more: string[]) =>
    release('add', feed, ...installers(version), '--version', version, '--key', key, ...more)
  expect(await add('1.0.0', '--notes', join(root, 'notes.md'))).toMatchObject({ ok: true })
  expect(await add('1.1.0-beta.1', '--percent', '20')).toMatchObject({ ok: true })
  expect(await add('1.0.0')).toMatchObject({ ok: false, error: { code: 'RELEASE_INVALID' } })

  for (const [name, platform] of [
    ['latest.yml', 'win32-x64'],
    ['latest-mac.yml', 'darwin-universal'],
    ['latest-linux.yml', 'linux-x64'],
    ['latest-linux-arm64.yml', 'linux-arm64'],
  ] as const) {
    const { version, files, releaseNotes, stagingPercentage } = feedOf(name)
    expect([version, releaseNotes, stagingPercentage, files.length]).toEqual(['1.0.0', 'Faster.', undefined, 1])
    for (const file of files) expect(isSignedRelease([publicKey], platform, version, file)).toBe(true)
  }
  expect(feedOf('beta-linux.yml')).toMatchObject({ version: '1.1.0-beta.1', stagingPercentage: 20 })
  expect(await release('verify', feed, '1.0.0', '--keys', publicKey)).toMatchObject({ ok: true, files: 4 })
  await release('stage', feed, '1.1.0-beta.1', '--percent', '100')
  expect(feedOf('beta-linux.yml').stagingPercentage).toBeUndefined()
  await release('withdraw', feed, '1.1.0-beta.1', '--reason', 'renders black')
  expect(feedOf('beta-linux.yml')).toMatchObject({ version: '1.0.0', withdrawn: ['1.1.0-beta.1'] })
  expect(await release('list', feed)).toMatchObject({ releases: [{ version: '1.0.0' }, { withdrawn: { reason: 'renders black' } }] })
})

it('verifies a release as the apps will: another key, a changed or a missing file is refused', async () => {
  const [feed, key, installer] = [join(root, 'feed'), join(root, 'key.pem'), join(root, 'pictor-1.0.0.deb')]
  writeFileSync(installer, 'an installer')
  const { publicKey } = (await release('keygen', '--out', key)) as { publicKey: string }
  const { publicKey: other } = (await release('keygen', '--out', join(root, 'other.pem'))) as { publicKey: string }
  await release('add', feed, installer, '--version', '1.0.0', '--key', key)
  const reasonOf = async (...argv: string[]) => {
    const { ok, error } = await release('verify', feed, '1.0.0', ...argv)
    return ok === true ? null : JSON.stringify(error)
  }
  expect(await reasonOf('--keys', `${other},${publicKey}`)).toBeNull()
  expect(await reasonOf('--keys', '')).toContain('no public key')
  expect(await reasonOf('--keys', other)).toContain('signed by none of the keys')
  writeFileSync(join(feed, 'pictor-1.0.0.deb'), 'another installer')
  expect(await reasonOf('--keys', publicKey)).toContain('not the file that was signed')
  rmSync(join(feed, 'pictor-1.0.0.deb'))
  expect(await reasonOf('--keys', publicKey)).toContain('there is no file')
})

it.each([
  ['no key', ['add', 'FEED', 'a-1.0.0.exe', '--version', '1.0.0']],
  ['a file that is not there', ['add', 'FEED', 'b-1.0.0.exe', '--version', '1.0.0', '--key', 'KEY']],
  ['a file of an unknown kind', ['add', 'FEED', 'a-1.0.0.txt', '--version', '1.0.0', '--key', 'KEY']],
  ['a file without its version', ['add', 'FEED', 'a.exe', '--version', '1.0.0', '--key', 'KEY']],
  ['a name that is no address', ['add', 'FEED', 'a 1.0.0.exe', '--version', '1.0.0', '--key', 'KEY']],
  ['a percentage that is none', ['stage', 'FEED', '1.0.0', '--percent', '120']],
  ['a release that is not there', ['withdraw', 'FEED', '3.0.0', '--reason', 'x']],
])('says what is wrong with %s', async (_name, argv) => {
  await release('keygen', '--out', join(root, 'KEY'))
  for (const name of ['a-1.0.0.exe', 'a-1.0.0.txt', 'a.exe', 'a 1.0.0.exe']) writeFileSync(join(root, name), 'x')
  const answer = await release(...argv.map((text) => (/^(FEED|KEY|[ab][- .])/.test(text) ? join(root, text) : text)))
  expect(answer).toMatchObject({ ok: false, error: { code: 'RELEASE_INVALID' } })
})
