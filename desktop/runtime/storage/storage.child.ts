import { writeSync } from 'node:fs'
import { openDataFolder } from './dataFolder.ts'
import { writeDurably } from './durableFile.ts'

/**
 * Run by the tests of this folder in a process of its own: `open FOLDER` takes the folder, tells how it went and, when it has it, stays; `write FILE SIZE`
 * writes a file and tells how it went.
 */
const [, , command, path = '', size = '0'] = process.argv

if (command === 'open') {
  const opened = await openDataFolder(path)
  writeSync(1, `${JSON.stringify(opened)}\n`)
  if (opened.ok) setInterval(() => undefined, 60_000)
} else {
  writeSync(1, `${JSON.stringify(await writeDurably(path, new Uint8Array(Number(size))))}\n`)
}
