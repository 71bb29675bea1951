import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { extractAll } from '@electron/asar'
import { makeTestApp } from '../../build/dist.ts'
import { makeStandInElectron } from '../../build/testing/standInElectron.ts'

const register = new URL('./host/register.ts', import.meta.url).pathname

/**
 * The packed app where Electron's binary cannot be had: electron-builder makes the app for tests around a stand-in, its archive is unpacked, and a script in
 * the place of the program runs what came out of it on the Chromium host. Nothing of this project is near: packages are those of the archive.
 */
export async function packOnHost(folder: string): Promise<{ forTests: string; asShipped: string }> {
  const electronDist = makeStandInElectron(join(folder, 'electron'), 'linux')
  const program = await makeTestApp('linux', join(folder, 'dist'), { electronDist })
  const unpacked = join(folder, 'unpacked')
  extractAll(join(program, '../resources/app.asar'), unpacked)
  const script = (name: string, flags: string, entry: string) => {
    const path = join(folder, name)
    const words = [process.execPath, '--no-warnings', ...flags.split(' '), '--import', register, join(unpacked, entry)]
    writeFileSync(path, `#!/bin/sh\ncd '${unpacked}' && PICTOR_HOST_PACKAGED=1 exec ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`)
    chmodSync(path, 0o755)
    return path
  }
  return {
    // The fuse that is off lets a debugger in; here that is a flag of Node's.
    forTests: script('app-for-tests', '--inspect=0', 'e2e/desktop/testEntry.mjs'),
    asShipped: script('app', '--no-deprecation', 'out/main/main.js'),
  }
}
