import { existsSync, globSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build, Platform, type Configuration } from 'electron-builder'
import { parse } from 'yaml'
import { root } from './buildParts.ts'
import { ensureBuilt } from './ensureBuilt.ts'
import { productionPackages } from './headless/productionPackages.ts'
import { externalPackages } from './node.vite.ts'

/**
 * `npm run dist`: makes the installers of the desktop app for the system it runs on, by electron-builder.yml; `--linux`, `--mac`, `--win` for another one
 * (a Mac's only on a Mac), `--dir` for the app's folder without an installer. Prints how large the app's own files are.
 */
const systems = {
  linux: { platform: Platform.LINUX, os: 'linux', cpus: ['x64'] },
  mac: { platform: Platform.MAC, os: 'darwin', cpus: ['x64', 'arm64'] },
  win: { platform: Platform.WINDOWS, os: 'win32', cpus: ['x64'] },
} as const
export type DistSystem = keyof typeof systems

/** What the shell's bundle leaves outside, beside what the node's bundles do (build/node.vite.ts). */
const shellPackages = ['builder-util-runtime', 'electron-updater', 'zod']

/** electron-builder takes every production dependency; those that are inside of the bundles already are left out. */
export function packagesToLeaveOut(system: DistSystem): string[] {
  const { os, cpus } = systems[system]
  const wanted = [...externalPackages.filter((name) => name !== 'electron'), ...shellPackages]
  const needed = new Set(cpus.flatMap((cpu) => productionPackages(root, wanted, { os, cpu })))
  // Safe: npm's own file.
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, { dev?: boolean }> }
  return Object.entries(packages).flatMap(([path, { dev }]) => (path === '' || dev === true || needed.has(path) ? [] : [path]))
}

export function distConfig(system: DistSystem): Configuration {
  // Safe: build/packaging.test.ts holds it against electron-builder's schema.
  const config = parse(readFileSync(join(root, 'electron-builder.yml'), 'utf8')) as Configuration & { files: string[] }
  // A package that stays may lie within the folder of one that is left out: only the latter's own files are named.
  const leaveOut = packagesToLeaveOut(system).map((path) => `!${path}/{*,!(node_modules)/**}`)
  return { ...config, files: [...config.files, ...leaveOut] }
}

/** Makes the app; `overrides` go over the configuration. Answers the folder or the installers it made. */
export async function makeDist(system: DistSystem, isFolderOnly: boolean, overrides: Configuration = {}): Promise<string[]> {
  const targets = systems[system].platform.createTarget(isFolderOnly ? 'dir' : null)
  return build({ projectDir: root, targets, config: { ...distConfig(system), ...overrides }, publish: 'never' })
}

/** Bytes of the app's own files in what was packed: without Electron. */
export function ownBytes(appFolder: string): number {
  const resources = globSync('**/{app.asar,app.asar.unpacked}', { cwd: appFolder }).map((name) => join(appFolder, name))
  return resources.reduce((sum, path) => sum + bytesIn(path), 0)
}

function bytesIn(path: string): number {
  const facts = lstatSync(path)
  return facts.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0) : facts.size
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { linux: { type: 'boolean' }, mac: { type: 'boolean' }, win: { type: 'boolean' }, dir: { type: 'boolean', default: false } },
  })
  const own = { darwin: 'mac', win32: 'win' }[process.platform as string] ?? 'linux'
  const system = (['linux', 'mac', 'win'] as const).find((name) => values[name]) ?? (own as DistSystem)
  // Anew: the addresses and keys of updates are built in, and are not among the sources.
  await ensureBuilt((line) => console.log(line), { force: true })
  for (const file of await makeDist(system, values.dir)) console.log(file)
  for (const folder of ['linux-unpacked', 'win-unpacked', 'mac-universal'].map((name) => join(root, 'dist', name)))
    if (existsSync(folder)) console.log(`${folder}: ${(ownBytes(folder) / 1e6).toFixed(1)} MB of own files, without Electron`)
}

if (import.meta.main) await main()
