import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { offeredIn, readOffered } from './offeredConfig.ts'

const config = {
  ...{ format: 'pictor-worker-config', formatVersion: 1, serverUrl: 'https://farm.example', serverId: 'server-1', ownerId: 'owner-1' },
  ...{ ownerName: 'Ada', workerId: null, workerName: 'Attic', enrolmentToken: 'x'.repeat(30), expiresAt: 2e12 },
}
const linkOf = (value: unknown) => `pictor://config#${Buffer.from(JSON.stringify(value)).toString('base64url')}`
let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pictor-offered-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('finds a file or a link in the arguments, and nothing else', () => {
  expect(offeredIn(['/app', '--hidden', '/home/a/x.pictor.json'])).toEqual({ kind: 'file', path: '/home/a/x.pictor.json' })
  expect(offeredIn(['pictor://config#abc'])).toEqual({ kind: 'link', link: 'pictor://config#abc' })
  for (const argv of [[], ['--data=/x'], ['x.pictor.json'], ['/x.json'], ['https://pictor.example/'], ['--file=/x.pictor.json']])
    expect(offeredIn(argv)).toBeNull()
})

it('reads a config from a file and from a link', () => {
  const path = join(folder, 'a.pictor.json')
  writeFileSync(path, JSON.stringify(config))
  expect(readOffered({ kind: 'file', path })).toMatchObject({ ok: true, value: { ownerName: 'Ada' } })
  expect(readOffered({ kind: 'link', link: linkOf(config) })).toMatchObject({ ok: true, value: { ownerName: 'Ada' } })
})

it.each([
  'pictor://config',
  'pictor://config#',
  'pictor://config#%7B%7D',
  'pictor://import#e30',
  'pictor://config?url=https://evil.example#e30',
  'pictor:config#e30',
  'pictor://user:secret@config#e30',
  'pictor://config#e30',
  linkOf({ ...config, serverUrl: 'file:///etc/passwd' }),
  linkOf({ ...config, serverUrl: 'javascript:alert(1)' }),
  linkOf({ ...config, ownerName: 'x'.repeat(7_000) }),
])('refuses the link %s', (link) => {
  expect(readOffered({ kind: 'link', link })).toMatchObject({ ok: false, error: { code: 'CONFIG_MALFORMED' } })
})

it('refuses what is no small file', () => {
  writeFileSync(join(folder, 'large.pictor.json'), `${JSON.stringify(config)}${' '.repeat(70_000)}`)
  writeFileSync(join(folder, 'cut.pictor.json'), '{"format":')
  for (const path of [
    folder,
    join(folder, 'none'),
    join(folder, 'large.pictor.json'),
    join(folder, 'cut.pictor.json'),
    '/dev/zero',
    'a.pictor.json',
    '/x\0y',
  ])
    expect(readOffered({ kind: 'file', path }), path).toMatchObject({ ok: false, error: { code: 'CONFIG_MALFORMED' } })
})
