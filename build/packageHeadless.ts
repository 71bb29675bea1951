import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import * as tar from 'tar'
import {
  currentFile,
  headlessTargets,
  packagedReleaseSchema,
  packageFileName,
  packageFolderName,
  releaseFile,
  versionsFolder,
  type HeadlessTarget,
  type PackagedRelease,
} from '../desktop/launch/headless/installLayout.ts'
import { outFolder, root } from './buildParts.ts'
import { ensureBuilt } from './ensureBuilt.ts'
import { copyNodeProgram } from './headless/nodeProgram.ts'
import { productionPackages } from './headless/productionPackages.ts'
import { externalPackages } from './node.vite.ts'

/**
 * `npm run package:headless`: makes dist/pictor-worker-<version>-<system>.tar.gz, which runs on a computer without Node.
 * PICTOR_UPDATE_FEED and PICTOR_UPDATE_KEYS say where it looks for newer versions and whose signatures count.
 */
export interface HeadlessPackage {
  target: HeadlessTarget
  version: string
  /** The tarball goes here. */
  folder: string
  feedUrl: string | null
  publicKeys: readonly string[]
  /** Instead of Node's program for the target; for tests. */
  nodeProgram?: string
  /** 1 is fast, 9 is small. */
  compression?: number
}

/** What is never run: documentation, types, sources of native code, maps for debuggers. Licences stay. */
const neverRun = /(\.(md|markdown|ts|mts|cts|map|tsbuildinfo|cc|cpp|h|hpp|gyp|gypi|flow)|\/(test|tests|docs|example|examples|\.github))$/i

export async function packageHeadless(options: HeadlessPackage): Promise<string> {
  const { target, version, folder } = options
  const scratch = mkdtempSync(join(tmpdir(), 'pictor-package-'))
  try {
    const top = join(scratch, packageFolderName)
    const inside = join(top, versionsFolder, version)
    await fillVersion(inside, options)
    writeFileSync(join(top, currentFile), `${version}\n`)
    const starter = target === 'win32-x64' ? 'pictor.cmd' : 'pictor'
    copyFileSync(join(root, 'build/headless', starter), join(top, starter))
    if (target !== 'win32-x64') chmodSync(join(top, starter), 0o755)
    mkdirSync(folder, { recursive: true })
    const file = join(folder, packageFileName(version, target))
    // Nothing in it depends on who made it, where and when.
    const portable = { portable: true, mtime: new Date('2020-01-01T00:00:00Z') }
    await tar.create({ file, cwd: scratch, gzip: { level: options.compression ?? 9 }, ...portable }, [packageFolderName])
    return file
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function fillVersion(inside: string, { target, version, feedUrl, publicKeys, nodeProgram }: HeadlessPackage): Promise<void> {
  const [os = '', cpu = ''] = target.split('-')
  mkdirSync(join(inside, 'bin'), { recursive: true })
  for (const part of ['node', 'renderer'])
    cpSync(join(outFolder, part), join(inside, 'out', part), { recursive: true, filter: (path) => !path.endsWith('.map') })
  const wanted = externalPackages.filter((name) => name !== 'electron')
  const from = isOwnSystem(os, cpu) ? root : await installFor(os, cpu)
  try {
    for (const path of productionPackages(from, wanted, { os, cpu }))
      cpSync(join(from, path), join(inside, path), {
        recursive: true,
        filter: (each) => isRun(join(from, path), each) && isFor(each.slice(from.length), os, cpu),
      })
  } finally {
    if (from !== root) rmSync(from, { recursive: true, force: true })
  }
  if (nodeProgram === undefined) await copyNodeProgram(target, join(inside, 'bin'))
  else cpSync(nodeProgram, join(inside, 'bin', 'node'))
  const release: PackagedRelease = packagedReleaseSchema.parse({
    ...{ format: 1, version, target, feedUrl, publicKeys: [...publicKeys] },
    platform: os === 'darwin' ? 'darwin-universal' : target,
  })
  writeFileSync(join(inside, releaseFile), `${JSON.stringify(release, null, 2)}\n`)
  writeFileSync(join(inside, 'package.json'), `${JSON.stringify({ name: 'pictor-worker', version, private: true, type: 'module' })}\n`)
}

const isOwnSystem = (os: string, cpu: string) => os === process.platform && cpu === process.arch

/** Some packages bring their native code for every system: `prebuilds/<system>-<processor>/…`, `bin/napi-v6/<system>/<processor>/…`. */
function isFor(path: string, os: string, cpu: string): boolean {
  const prebuilt = /[\\/]prebuilds[\\/]([^\\/]+)/.exec(path)?.[1]
  if (prebuilt !== undefined) return prebuilt.startsWith(`${os}-`) && prebuilt.includes(cpu)
  const [, system, processor] = /[\\/]bin[\\/]napi-v\d+[\\/](\w+)(?:[\\/](\w+))?/.exec(path) ?? []
  return (system === undefined || system === os) && (processor === undefined || processor === cpu)
}

/** Nested packages come by themselves, where they are needed. */
function isRun(packageFolder: string, path: string): boolean {
  const relative = path.slice(packageFolder.length).replaceAll('\\', '/')
  return !relative.startsWith('/node_modules') && !neverRun.test(relative)
}

/** The packages of another system, exactly as the lock file has them. */
async function installFor(os: string, cpu: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'pictor-packages-'))
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(root, name), join(folder, name))
  execFileSync(
    'npm',
    ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--loglevel=error', `--os=${os}`, `--cpu=${cpu}`, '--libc=glibc'],
    {
      ...{ cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' },
    },
  )
  return folder
}

async function main(): Promise<void> {
  const { version: ownVersion } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const { values } = parseArgs({
    options: { target: { type: 'string' }, version: { type: 'string' }, out: { type: 'string' } },
  })
  const own = `${process.platform}-${process.arch}`
  const target = headlessTargets.find((each) => each === (values.target ?? own))
  if (target === undefined)
    throw new Error(`no headless package is made for ${values.target ?? own}; known are ${headlessTargets.join(', ')}`)
  await ensureBuilt((line) => console.error(line))
  const file = await packageHeadless({
    ...{ target, version: values.version ?? ownVersion, folder: values.out ?? join(root, 'dist') },
    feedUrl: process.env['PICTOR_UPDATE_FEED'] || null,
    publicKeys: (process.env['PICTOR_UPDATE_KEYS'] ?? '').split(',').filter((key) => key !== ''),
  })
  if (!existsSync(file)) throw new Error(`${file} was not made`)
  console.log(`${file}  ${(statSync(file).size / 2 ** 20).toFixed(1)} MiB (${basename(file)})`)
}

if (import.meta.main) await main()
