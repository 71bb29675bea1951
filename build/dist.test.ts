import { execFileSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { builtinModules, createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { extractAll, getRawHeader } from '@electron/asar'
import { parseAst } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeDist, ownBytes } from './dist.ts'
import { ensureBuilt } from './ensureBuilt.ts'
import { wrongFuses } from './readFuses.ts'
import { makeStandInElectron } from './testing/standInElectron.ts'

/*
 * electron-builder's own code makes the app's folder by electron-builder.yml: collects files, writes the archive, sets the fuses. Only Electron itself is a
 * stand-in. The checks look at the archive that came out of it.
 */
interface Entry {
  path: string
  bytes: number
  unpacked: boolean
}
let folder = ''
let app = ''
let extracted = ''
let entries: Entry[] = []

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'pictor-dist-')))
  await ensureBuilt(() => undefined)
  const electronDist = makeStandInElectron(join(folder, 'electron'), 'linux')
  await makeDist('linux', true, { electronDist, directories: { output: join(folder, 'dist') } })
  app = join(folder, 'dist', 'linux-unpacked')
  const archive = join(app, 'resources/app.asar')
  entries = entriesOf(getRawHeader(archive).header)
  extracted = join(folder, 'extracted')
  extractAll(archive, extracted)
}, 600_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

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
const packagesIn = (paths: readonly string[]) =>
  new Set(paths.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []))

it('holds the bundles and the packages that run beside them, and nothing else', () => {
  const paths = entries.map(({ path }) => path)
  expect(paths.filter((path) => !/^(out\/(main|preload|renderer|node|icons)|node_modules)\//.test(path))).toEqual(['package.json'])
  expect(paths.filter((path) => /\.(map|ts|mts|cts|md|cc|cpp|h|gyp)$/.test(path))).toEqual([])
  const packages = packagesIn(paths)
  for (const needed of ['sharp', '@node-rs/argon2', 'pouchdb', 'leveldown', 'onnxruntime-node', 'electron-updater', 'systeminformation'])
    expect(packages, needed).toContain(needed)
  for (const bundled of ['rxdb', 'fastify', 'vue', 'electron', 'playwright-core', 'typescript'])
    expect(packages, bundled).not.toContain(bundled)
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
