import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { extractAll } from '@electron/asar'
import { makeTestApp } from '../../build/dist.ts'
import { fuses } from '../../build/fuses.ts'
import { fuseWire, makeStandInElectron } from '../../build/testing/standInElectron.ts'
import { pinnedTo } from './feed.ts'

const register = new URL('./host/register.ts', import.meta.url).pathname

/**
 * The packed app where Electron's binary cannot be had: electron-builder makes the app for tests around a stand-in, its archive is unpacked, and a script in
 * the place of the program runs what came out of it on the Chromium host. Nothing of this project is near: packages are those of the archive. As in an app
 * that is handed out a feed and a key are built in; behind each script stand the fuses of its program, as in a binary.
 */
export async function packOnHost(folder: string): Promise<{ forTests: string; asShipped: string }> {
  const electronDist = makeStandInElectron(join(folder, 'electron'), 'linux')
  const program = await makeTestApp('linux', join(folder, 'dist'), { electronDist })
  const unpacked = join(folder, 'unpacked')
  extractAll(join(program, '../resources/app.asar'), unpacked)
  const main = join(unpacked, 'out/main/main.js')
  // Nobody answers there, and nobody is asked while a test lasts.
  for (const { from, to } of pinnedTo('https://releases.invalid/', 'A'.repeat(43)))
    writeFileSync(main, readFileSync(main, 'utf8').replace(from, to))
  const script = (name: string, flags: string, entry: string, isDebugged: boolean) => {
    const path = join(folder, name)
    const words = [process.execPath, '--no-warnings', ...flags.split(' '), '--import', register, join(unpacked, entry)]
    const wire = fuseWire((fuse) => (fuse === 'EnableNodeCliInspectArguments' ? isDebugged : fuses[fuse]))
    const text = `#!/bin/sh\ncd '${unpacked}' && PICTOR_HOST_PACKAGED=1 exec ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`
    // The shell is gone before it would read on.
    writeFileSync(path, Buffer.concat([Buffer.from(text), wire]))
    chmodSync(path, 0o755)
    return path
  }
  return {
    // The fuse that is off lets a debugger in; here that is a flag of Node's.
    forTests: script('app-for-tests', '--inspect=0', 'e2e/desktop/testEntry.mjs', true),
    asShipped: script('app', '--no-deprecation', 'out/main/main.js', false),
  }
}
