import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = new URL('../..', import.meta.url).pathname

export interface Change {
  file: 'main/main.js' | 'preload/preload.cjs'
  from: string
  to: string
}

/**
 * A folder like `out` whose shell was changed; inside the project, so that packages are found. Throws when a text to change is not there exactly
 * once: a mutation that changes nothing would prove nothing.
 */
export function makeVariant(name: string, changes: readonly Change[]): { folder: string; remove(): void } {
  const folder = join(root, 'node_modules/.cache/pictor-desktop-tests', `${process.pid}-${name}`)
  mkdirSync(folder, { recursive: true })
  for (const part of ['node', 'renderer', 'icons']) symlinkSync(join(root, 'out', part), join(folder, part))
  for (const part of ['main', 'preload']) cpSync(join(root, 'out', part), join(folder, part), { recursive: true })
  for (const { file, from, to } of changes) {
    const path = join(folder, file)
    const parts = readFileSync(path, 'utf8').split(from)
    if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times ${from}`)
    writeFileSync(path, parts.join(to))
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
