import { cpus, freemem, release, totalmem, type } from 'node:os'
import { accessSync, constants } from 'node:fs'
import { ensurePrograms, findOnPath } from '../../../build/setup/debianPackages.ts'
import type { Terminal } from '../console/terminal.ts'

export interface Preflight {
  /** Where Blender is; null = none, and the node goes on without rendering. */
  blender: string | null
}

/** Says on stderr what this computer has, and installs Blender where that is allowed; else says how. Never rejects. */
export async function preflight(terminal: Terminal): Promise<Preflight> {
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(0)} GiB`
  terminal.say(
    `system   ${type()} ${release()}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'CPU'}, ${gib(freemem())} of ${gib(totalmem())} free`,
  )
  terminal.say(`node     ${process.versions.node}`)
  const blender = await findOrInstallBlender(terminal)
  if (blender !== null) terminal.say(`blender  ${blender}`)
  return { blender }
}

async function findOrInstallBlender(terminal: Terminal): Promise<string | null> {
  const pointed = process.env['PICTOR_BLENDER']
  if (pointed !== undefined && isProgram(pointed)) return pointed
  const found = findOnPath('blender')
  if (found !== null) return found
  const outcome = await ensurePrograms([{ program: 'blender', debianPackage: 'blender' }], (line) => terminal.say(line))
  if (outcome.state !== 'missing') return findOnPath('blender')
  terminal.say(
    `blender  not found, and not installed here: ${outcome.reason}. Everything but rendering works. To install it:\n\n  ${outcome.howTo}\n`,
  )
  return null
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
