import { cpus, freemem, release, totalmem, type } from 'node:os'
import { accessSync, constants } from 'node:fs'
import { ensurePrograms, findOnPath } from '../../../build/setup/debianPackages.ts'
import type { Terminal } from '../console/terminal.ts'

export interface Preflight {
  /** Where Blender is; null = none, and the node goes on without rendering. */
  blender: string | null
}

const containment = { program: 'bwrap', debianPackage: 'bubblewrap' }
/** Scenes for EEVEE need a display; where there is none, Xvfb is one. Comes along when Blender is installed. */
const display = { program: 'Xvfb', debianPackage: 'xvfb' }

/** Says on stderr what this computer has, and installs Blender and bubblewrap where that is allowed; else says how. Never rejects. */
export async function preflight(terminal: Terminal): Promise<Preflight> {
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(0)} GiB`
  terminal.say(
    `system   ${type()} ${release()}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'CPU'}, ${gib(freemem())} of ${gib(totalmem())} free`,
  )
  terminal.say(`node     ${process.versions.node}`)
  const blender = await findOrInstallBlender(terminal)
  if (blender !== null) terminal.say(`blender  ${blender}`)
  if (blender !== null) await findOrInstallContainment(terminal)
  return { blender }
}

async function findOrInstallBlender(terminal: Terminal): Promise<string | null> {
  const pointed = process.env['PICTOR_BLENDER']
  if (pointed !== undefined && isProgram(pointed)) return pointed
  const found = findOnPath('blender') ?? (await findElsewhere())
  if (found !== null) return found
  const outcome = await ensurePrograms([{ program: 'blender', debianPackage: 'blender' }, containment, display], (line) =>
    terminal.say(line),
  )
  if (outcome.state !== 'missing') return findOnPath('blender')
  terminal.say(
    `blender  not found, and not installed here: ${outcome.reason}. Everything but rendering works. To install it:\n\n  ${outcome.howTo}\n`,
  )
  return null
}

/** The usual places beside PATH. Loaded only when PATH has none, because the runtime's code costs the launcher memory. */
async function findElsewhere(): Promise<string | null> {
  const { findBlenderPrograms } = await import('../../runtime/entry.ts')
  return (await findBlenderPrograms())[0] ?? null
}

/** Scenes are strangers' programs: on Linux bubblewrap keeps them from the network and the disk. Rendering works without it. */
async function findOrInstallContainment(terminal: Terminal): Promise<void> {
  if (process.platform !== 'linux') return
  const outcome = await ensurePrograms([containment], (line) => terminal.say(line))
  if (outcome.state === 'missing')
    terminal.say(`bwrap    not found, so scenes render without a sandbox (${outcome.reason}). To install it:\n\n  ${outcome.howTo}\n`)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
