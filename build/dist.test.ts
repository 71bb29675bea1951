import { execFileSync } from 'node:child_process'
import { accessSync, constants, globSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules, createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, join, sep } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { extractAll, getRawHeader } from '@electron/asar'
import { parseAst } from 'vite'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import packageFacts from '../package.json' with { type: 'json' }
import { makeDist, ownBytes } from './dist.ts'
import { ensureBuilt } from './ensureBuilt.ts'
import { wrongFuses } from './readFuses.ts'
import { makeStandInElectron } from './testing/standInElectron.ts'
import { makeStandInTools, standInRuntime } from './testing/standInTools.ts'

/*
 * electron-builder's own code makes everything for Linux by electron-builder.yml: collects files, writes the archive, sets the fuses, and composes the packages.
 * Stand-ins are Electron itself and the three tools that it would download (testing/). The checks look at what came out of it.
 */
interface Entry {
  path: string
  bytes: number
  unpacked: boolean
}
let folder = ''
let app = ''
let extracted = ''
let packages: string[] = []
let entries: Entry[] = []

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'pictor-dist-')))
  await ensureBuilt(() => undefined)
  const electronDist = makeStandInElectron(join(folder, 'electron'), 'linux')
  for (const [name, value] of Object.entries(makeStandInTools(join(folder, 'tools')))) vi.stubEnv(name, value)
  packages = await makeDist('linux', false, { electronDist, directories: { output: join(folder, 'dist') } })
  vi.unstubAllEnvs()
  app = join(folder, 'dist', 'linux-unpacked')
  const archive = join(app, 'resources/app.asar')
  entries = entriesOf(getRawHeader(archive).header)
  extracted = join(folder, 'extracted')
  extractAll(archive, extracted)
}, 600_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const { version } = packageFacts
const builtins = new Set(builtinModules)
/** A tenth above what it is now: whatever makes it larger is seen. */
const sizeLimitMb = 105

interface Folder {
  files: Record<string, Folder | { size: number; unpacked?: boolean }>
}
function entriesOf({ files }: Folder, below = ''): Entry[] {
  return Object.entries(files).flatMap(([name, entry]): Entry[] => {
    const path = below === '' ? name : `${below}/${name}`
    if ('files' in entry) return entriesOf(entry, path)
    return 'size' in entry ? [{ path, bytes: entry.size, unpacked: entry.unpacked === true }] : []
  })
}
const packageOf = (kind: string) => packages.find((path) => path.endsWith(`.${kind}`)) ?? `no ${kind}`
const packagesIn = (paths: readonly string[]) =>
  new Set(paths.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []))

it('holds the bundles and the packages that run beside them, and nothing else', () => {
  const paths = entries.map(({ path }) => path)
  expect(paths.filter((path) => !/^(out\/(main|preload|renderer|node|icons)|node_modules)\//.test(path))).toEqual(['package.json'])
  expect(paths.filter((path) => /\.(map|ts|mts|cts|md|cc|cpp|h|gyp)$/.test(path))).toEqual([])
  const found = packagesIn(paths)
  for (const needed of ['sharp', '@node-rs/argon2', 'pouchdb', 'leveldown', 'onnxruntime-node', 'electron-updater', 'systeminformation'])
    expect(found, needed).toContain(needed)
  for (const bundled of ['rxdb', 'fastify', 'vue', 'electron', 'playwright-core', 'typescript'])
    expect(found, bundled).not.toContain(bundled)
})

it('has native code, networks and the demo scene on the disk, of its own system only', () => {
  const onDisk = entries.filter(({ path }) => /\.(node|so(\.\d+)*|dll|dylib|onnx|blend)$/.test(path))
  expect(onDisk.filter(({ unpacked }) => !unpacked)).toEqual([])
  const names = onDisk.map(({ path }) => path.split('/').at(-1))
  for (const needed of ['onnxruntime_binding.node', 'upscale-2x.onnx', 'upscale-4x.onnx', 'demo.blend']) expect(names).toContain(needed)
  expect(onDisk.filter(({ path }) => /darwin|win32|arm|android/.test(path))).toEqual([])
  // Each lies where the archive says.
  for (const { path, bytes } of entries.filter(({ unpacked }) => unpacked))
    expect(readFileSync(join(app, 'resources/app.asar.unpacked', path)).length, path).toBe(bytes)
})

it('finds every package that its bundles ask for in itself', () => {
  const asked = globSync('out/{main,node}/**/*.js', { cwd: extracted }).flatMap((name) =>
    packagesAskedBy(readFileSync(join(extracted, name), 'utf8')).map((wanted) => ({ name, wanted })),
  )
  expect(new Set(asked.map(({ wanted }) => wanted))).toContain('electron-updater')
  const missing = asked.filter(({ name, wanted }) => {
    try {
      return !createRequire(join(extracted, name))
        .resolve(wanted)
        .startsWith(extracted + sep)
    } catch {
      return true
    }
  })
  expect(missing).toEqual([])
})

/** What a bundle imports from outside, but for Node and Electron. */
function packagesAskedBy(code: string): string[] {
  const imported = parseAst(code).body.flatMap((node) => ('source' in node && node.source ? [String(node.source.value)] : []))
  const later = [...code.matchAll(/\bimport\((["'`])((?:@[\w.-]+\/)?[\w.-]+(?:\/[\w./-]+)?)\1\)/g)].map(([, , name = '']) => name)
  return [...imported, ...later].filter((name) => !/^(\.|node:)/.test(name) && name !== 'electron' && !builtins.has(name))
}

it('runs its native packages, with nothing of this project near', () => {
  const script = `
    import { builtinModules, createRequire } from 'node:module'
    import { readFileSync } from 'node:fs'
    const require = createRequire(process.argv[1])
    const [argon2, sharp, onnx, PouchDB] = ['@node-rs/argon2', 'sharp', 'onnxruntime-node', 'pouchdb'].map((name) => require(name))
    const hash = await argon2.hash('secret')
    const picture = await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } }).png().toBuffer()
    const session = await onnx.InferenceSession.create(readFileSync(process.argv[2]), { executionProviders: ['cpu'] })
    const database = new PouchDB(process.argv[3])
    await database.put({ _id: 'a' })
    await database.close()
    console.log(JSON.stringify([hash.startsWith('$argon2id'), picture.length > 50, session.inputNames.length]))`
  const out = join(extracted, 'out/node')
  const args = [
    '--no-warnings',
    '--input-type=module',
    '-e',
    script,
    join(out, 'store.js'),
    join(out, 'assets/upscale-2x.onnx'),
    join(folder, 'db'),
  ]
  expect(JSON.parse(execFileSync(process.execPath, args, { cwd: folder, env: {}, encoding: 'utf8' }))).toEqual([true, true, 1])
})

it('has every fuse as it was decided', async () => {
  const program = join(app, 'pictor-worker')
  expect(await wrongFuses(program)).toEqual([])
  expect(await wrongFuses(program, { RunAsNode: true }), 'and it would be seen').toEqual(['RunAsNode'])
})

it('is small', () => {
  const megabytes = ownBytes(app) / 1e6
  console.log(`own files of the packed app: ${megabytes.toFixed(1)} MB`)
  expect(megabytes).toBeLessThan(sizeLimitMb)
})

it('is packed under names that say version and computer', () => {
  expect(packages.map((path) => basename(path)).sort()).toEqual([
    `pictor-worker-${version}-linux-amd64.deb`,
    `pictor-worker-${version}-linux-x86_64.AppImage`,
    `pictor-worker-${version}-linux-x86_64.rpm`,
  ])
})

/** A desktop entry as the desktop reads it. */
const desktopEntry = (path: string): Record<string, string> =>
  Object.fromEntries([...readFileSync(path, 'utf8').matchAll(/^([\w-]+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]))

it('is a package for Debian that dpkg takes, with the app’s entry, its file type and its links', () => {
  const deb = packageOf('deb')
  const field = (name: string) => execFileSync('dpkg-deb', ['--field', deb, name], { encoding: 'utf8' }).trim()
  expect(['Package', 'Version', 'Architecture', 'Homepage'].map(field)).toEqual([
    'pictor-worker',
    version,
    'amd64',
    'https://pictor.network/',
  ])
  expect(field('Depends')).toContain('libnss3')
  const [synopsis, ...rest] = field('Description').split('\n')
  expect(synopsis).toMatch(/\w+ \w+/)
  expect(rest.join('')).toMatch(/^ \w+/)

  const root = join(folder, 'root')
  for (const name of ['updates', 'info']) mkdirSync(join(root, 'var/lib/dpkg', name), { recursive: true })
  writeFileSync(join(root, 'var/lib/dpkg/status'), '')
  execFileSync('dpkg', ['--root', root, '--force-depends', '--force-not-root', '--force-architecture', '--unpack', deb], { stdio: 'pipe' })
  const program = join(root, 'opt/Pictor Worker/pictor-worker')
  accessSync(program, constants.X_OK)
  expect(readFileSync(join(root, 'opt/Pictor Worker/resources/package-type'), 'utf8'), 'electron-updater knows by it how to update').toBe(
    'deb',
  )
  const entry = desktopEntry(join(root, 'usr/share/applications/pictor-worker.desktop'))
  expect(entry).toMatchObject({
    Name: 'Pictor Worker',
    Exec: '"/opt/Pictor Worker/pictor-worker" %U',
    Icon: 'pictor-worker',
    Terminal: 'false',
  })
  // As Electron names its windows and asks for the links, by package.json.
  expect(entry['StartupWMClass']).toBe('pictor-worker')
  expect(entry['MimeType']?.split(';')).toEqual(['application/x-pictor-worker-config', 'x-scheme-handler/pictor', ''])
  const types = readFileSync(join(root, 'usr/share/mime/packages/pictor-worker.xml'), 'utf8')
  expect(types).toContain('<mime-type type="application/x-pictor-worker-config">')
  expect(types).toContain('<glob pattern="*.pictor.json"/>')
  expect(types).toContain('<comment>')
  const sizes = globSync('usr/share/icons/hicolor/*/apps/pictor-worker.png', { cwd: root }).map((path) => path.split('/')[4])
  expect(sizes.toSorted()).toEqual(['128x128', '16x16', '24x24', '256x256', '32x32', '48x48', '512x512', '64x64'])
  const scripts = join(root, 'var/lib/dpkg/info')
  for (const name of ['postinst', 'postrm']) execFileSync('bash', ['-n', join(scripts, `pictor-worker.${name}`)])
  expect(readFileSync(join(scripts, 'pictor-worker.postinst'), 'utf8')).toContain('update-mime-database')
})

it('is an AppImage that keeps the sandbox, with its block map behind it', () => {
  const path = packageOf('AppImage')
  accessSync(path, constants.X_OK)
  const content = readFileSync(path)
  expect(content.subarray(0, standInRuntime.length).equals(standInRuntime)).toBe(true)
  const inside = join(folder, 'appimage')
  mkdirSync(inside)
  const size = content.readUInt32BE(content.length - 4)
  const packed = join(folder, 'appimage.tar')
  writeFileSync(packed, content.subarray(standInRuntime.length, -4 - size))
  execFileSync('tar', ['-x', '-C', inside, '-f', packed])
  const entry = desktopEntry(join(inside, 'pictor-worker.desktop'))
  expect(entry['Exec']).toBe('AppRun %U')
  expect(entry['MimeType']).toBe('application/x-pictor-worker-config;x-scheme-handler/pictor;')
  expect(ownBytes(inside)).toBe(ownBytes(app))
  execFileSync('bash', ['-n', join(inside, 'AppRun')])
  const blocks = JSON.parse(inflateRawSync(content.subarray(content.length - 4 - size, content.length - 4)).toString()) as {
    version: string
  }
  expect(blocks.version, 'what differences are loaded by').toBe('2')
})

it('is asked for as an rpm, with the same files', () => {
  const asked = JSON.parse(readFileSync(packageOf('rpm'), 'utf8')) as { name: string; depends: string[]; files: string[]; url: string }
  expect(asked).toMatchObject({ name: 'pictor-worker', url: 'https://pictor.network/' })
  expect(asked.depends).toContain('nss')
  const targets = asked.files.map((file) => file.split(/=(?=\/)/)[1])
  for (const target of [
    '/opt/Pictor Worker',
    '/usr/share/applications/pictor-worker.desktop',
    '/usr/share/mime/packages/pictor-worker.xml',
  ])
    expect(targets).toContain(target)
})
