import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ok } from '#shared/result.ts'
import { findCandidates, type FileLookup, type SearchPlace } from './candidates.ts'
import type { Probed } from './probe.ts'
import { createProbeCache } from './probeCache.ts'

/** A file system made of a list of files; links as pairs. */
function filesOf(paths: string[], links: Record<string, string> = {}): FileLookup {
  const separator = paths[0]?.includes('\\') ? '\\' : '/'
  return {
    list: async (folder) => {
      const inside = folder.endsWith(separator) ? folder : folder + separator
      const names = paths.filter((path) => path.startsWith(inside)).map((path) => path.slice(inside.length).split(separator)[0] ?? '')
      return [...new Set(names)]
    },
    isFile: async (path) => paths.includes(path),
    realPath: async (path) => links[path] ?? path,
  }
}
const place = (platform: NodeJS.Platform, more: Partial<SearchPlace> = {}): SearchPlace => ({
  platform,
  environment: {},
  homeFolder: '/home/ann',
  chosen: [],
  ...more,
})

describe('findCandidates', () => {
  test('Windows: installers, Steam, Microsoft Store, other drives', async () => {
    const paths = [
      String.raw`C:\Program Files\Blender Foundation\Blender 4.2\blender.exe`,
      String.raw`C:\Program Files\Blender Foundation\Blender 3.6\blender.exe`,
      String.raw`C:\Program Files (x86)\Steam\steamapps\common\Blender\blender.exe`,
      String.raw`C:\Program Files\WindowsApps\BlenderFoundation.Blender4.5LTS_4.5.1.0_x64__ppwjx1n5r4v9t\Blender\blender.exe`,
      String.raw`D:\SteamLibrary\steamapps\common\Blender\blender.exe`,
    ]
    const environment = {
      ProgramFiles: String.raw`C:\Program Files`,
      'ProgramFiles(x86)': String.raw`C:\Program Files (x86)`,
      Path: String.raw`C:\Windows;C:\tools`,
    }
    const other = [String.raw`C:\Program Files\Blender Foundation\Blender 4.2\readme.txt`]
    expect((await findCandidates(place('win32', { environment }), filesOf([...paths, ...other]))).sort()).toEqual([...paths].sort())
  })

  test('macOS: bundles side by side, the own Applications folder, Steam', async () => {
    const paths = [
      '/Applications/Blender.app/Contents/MacOS/Blender',
      '/Applications/Blender 3.6.app/Contents/MacOS/Blender',
      '/Users/ann/Applications/Blender 4.5.app/Contents/MacOS/Blender',
      '/Users/ann/Library/Application Support/Steam/steamapps/common/Blender/Blender.app/Contents/MacOS/Blender',
    ]
    const found = await findCandidates(
      place('darwin', { homeFolder: '/Users/ann' }),
      filesOf([...paths, '/Applications/Other.app/Contents/MacOS/Other']),
    )
    expect(found.sort()).toEqual([...paths].sort())
  })

  test('Linux: packages, archives, snap, flatpak, Steam', async () => {
    const paths = [
      '/usr/bin/blender',
      '/opt/blender-4.2.3-linux-x64/blender',
      '/opt/blender/5.0/blender',
      '/home/ann/blender-3.6.5-linux-x64/blender',
      '/snap/bin/blender',
      '/var/lib/flatpak/exports/bin/org.blender.Blender',
      '/home/ann/.local/share/Steam/steamapps/common/Blender/blender',
    ]
    expect((await findCandidates(place('linux'), filesOf([...paths, '/opt/other/blender']))).sort()).toEqual([...paths].sort())
  })

  test('one program that several names lead to counts once; a launcher that leads to another program stays', async () => {
    const paths = ['/usr/bin/blender', '/opt/blender-4.2/blender', '/snap/bin/blender']
    const links = { '/usr/bin/blender': '/opt/blender-4.2/blender', '/snap/bin/blender': '/usr/bin/snap' }
    expect(await findCandidates(place('linux'), filesOf(paths, links))).toEqual(['/usr/bin/blender', '/snap/bin/blender'])
  })

  test('what the user chose comes first: a program, a folder, a bundle, a folder of versions', async () => {
    const paths = ['/usr/bin/blender', '/data/b/blender', '/data/versions/blender-4.2/blender', '/data/my-blender']
    const chosen = ['/data/my-blender', '/data/b', '/data/versions', '/nowhere']
    const found = await findCandidates(place('linux', { chosen, environment: { PATH: '/usr/bin:/bin' } }), filesOf(paths))
    expect(found).toEqual(['/data/my-blender', '/data/b/blender', '/data/versions/blender-4.2/blender', '/usr/bin/blender'])
    const bundle = '/Volumes/X/Blender.app/Contents/MacOS/Blender'
    expect(await findCandidates(place('darwin', { chosen: ['/Volumes/X/Blender.app'] }), filesOf([bundle]))).toEqual([bundle])
  })
})

describe('the probe cache', () => {
  let folder = ''
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'pictor-probe-'))))
  afterEach(() => rm(folder, { recursive: true, force: true }))
  const probed = (version: string): Probed => ({ version, engines: ['CYCLES'], devices: ['CPU'], denoisers: [], buildHash: 'x' })

  test('asks once, also after a restart, and again when the program changes', async () => {
    const program = join(folder, 'blender')
    const file = join(folder, 'cache', 'blenders.json')
    await writeFile(program, 'one')
    let asked = 0
    const ask = async () => ok(probed(`3.${++asked}.0`))
    const cache = createProbeCache(file)
    expect(await cache.get(program, ask)).toMatchObject({ value: { version: '3.1.0' } })
    expect(await cache.get(program, ask)).toMatchObject({ value: { version: '3.1.0' } })
    expect(await createProbeCache(file).get(program, ask)).toMatchObject({ value: { version: '3.1.0' } })
    await utimes(program, 1, 1)
    expect(await createProbeCache(file).get(program, ask)).toMatchObject({ value: { version: '3.2.0' } })
    await writeFile(program, 'longer')
    expect(await createProbeCache(file).get(program, ask)).toMatchObject({ value: { version: '3.3.0' } })
    expect(Object.keys(JSON.parse(await readFile(file, 'utf8')))).toHaveLength(1)
    expect(asked).toBe(3)
  })

  test('a damaged or unwritable file costs only the asking', async () => {
    const program = join(folder, 'blender')
    await writeFile(program, 'one')
    await writeFile(join(folder, 'bad.json'), '{"half":')
    expect(await createProbeCache(join(folder, 'bad.json')).get(program, async () => ok(probed('3.4.1')))).toMatchObject({ ok: true })
    expect(await createProbeCache(join(program, 'not-a-folder.json')).get(program, async () => ok(probed('3.4.1')))).toMatchObject({
      ok: true,
    })
    expect(await createProbeCache(join(folder, 'x.json')).get(join(folder, 'gone'), async () => ok(probed('3.4.1')))).toMatchObject({
      ok: false,
      error: { code: 'BLENDER_NOT_FOUND' },
    })
  })
})
