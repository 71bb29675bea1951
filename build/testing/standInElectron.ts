import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FuseV1Options } from '@electron/fuses'

/** What @electron/fuses looks for in Electron's binary (its constants.js does not export it); behind it: version, number of fuses, one letter each. */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
const fuseNames = Object.keys(FuseV1Options).filter((name): name is keyof typeof FuseV1Options => Number.isNaN(Number(name)))

/** What stands in a binary of Electron whose fuses are set so. */
export function fuseWire(isOn: (fuse: keyof typeof FuseV1Options) => boolean): Buffer {
  const letters = fuseNames.toSorted((a, b) => FuseV1Options[a] - FuseV1Options[b]).map((name) => (isOn(name) ? '1' : '0'))
  return Buffer.concat([Buffer.from(sentinel), Buffer.from([1, letters.length]), Buffer.from(letters.join(''))])
}

/**
 * A folder like an unpacked Electron for `electronDist`, where the real one cannot be had: electron-builder copies it, renames its binary, sets its fuses
 * and puts the app beside it, all by its own code. The binary itself runs nothing.
 */
export function makeStandInElectron(folder: string, system: 'linux' | 'win'): string {
  const binary = fuseWire(() => true)
  for (const name of ['resources', 'locales']) mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, system === 'win' ? 'electron.exe' : 'electron'), binary, { mode: 0o755 })
  writeFileSync(join(folder, 'locales/en-US.pak'), '')
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'version']) writeFileSync(join(folder, name), `of the stand-in: ${name}\n`)
  return folder
}
