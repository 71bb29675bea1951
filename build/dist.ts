import { existsSync, globSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { build, Platform, type Configuration } from 'electron-builder'
import { root } from './buildParts.ts'
import { ensureBuilt } from './ensureBuilt.ts'
import { testAppOverrides, unpackedPrograms } from './testApp.ts'

/**
 * `npm run dist`: makes the installers of the desktop app for the system it runs on, by electron-builder.yml; `--linux`, `--mac`, `--win` for another one
 * (a Mac's only on a Mac), `--dir` for the app's folder without an installer; `--for-tests` for the folder, into `dist/testing`, of the app that the
 * desktop tests drive (testApp.ts). Prints how large the app's own files are.
 */
const platforms = { linux: Platform.LINUX, mac: Platform.MAC, win: Platform.WINDOWS } as const
export type DistSystem = keyof typeof platforms

/** Makes the app by electron-builder.yml; `overrides` go over it. Answers the folder or the installers it made. */
export async function makeDist(system: DistSystem, isFolderOnly: boolean, overrides: Configuration = {}): Promise<string[]> {
  const targets = platforms[system].createTarget(isFolderOnly ? 'dir' : null)
  return build({ projectDir: root, targets, config: overrides, publish: 'never' })
}

/** Makes the folder of the app that the desktop tests drive. Answers its program, for `PICTOR_DESKTOP_APP`. */
export async function makeTestApp(system: DistSystem, output: string, overrides: Configuration = {}): Promise<string> {
  await makeDist(system, true, { ...testAppOverrides, directories: { output }, ...overrides })
  return join(output, unpackedPrograms[system])
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
    options: {
      ...{ linux: { type: 'boolean' }, mac: { type: 'boolean' }, win: { type: 'boolean' } },
      ...{ dir: { type: 'boolean', default: false }, 'for-tests': { type: 'boolean', default: false } },
    },
  })
  const own = { darwin: 'mac', win32: 'win' }[process.platform as string] ?? 'linux'
  const system = (['linux', 'mac', 'win'] as const).find((name) => values[name]) ?? (own as DistSystem)
  if (values['for-tests']) {
    // The same bundles that were packed before.
    await ensureBuilt((line) => console.log(line))
    console.log(await makeTestApp(system, join(root, 'dist/testing')))
    return
  }
  // Anew: the addresses and keys of updates are built in, and are not among the sources.
  await ensureBuilt((line) => console.log(line), { force: true })
  for (const file of await makeDist(system, values.dir)) console.log(file)
  for (const folder of ['linux-unpacked', 'win-unpacked', 'mac-universal'].map((name) => join(root, 'dist', name)))
    if (existsSync(folder)) console.log(`${folder}: ${(ownBytes(folder) / 1e6).toFixed(1)} MB of own files, without Electron`)
}

if (import.meta.main) await main()
