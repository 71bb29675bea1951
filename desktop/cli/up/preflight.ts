import { cpus, freemem, release, totalmem, type } from 'node:os'
import { accessSync, constants } from 'node:fs'
import { ensurePrograms, findOnPath, headlessDrawing } from '../../../build/setup/debianPackages.ts'
import type { Terminal } from '../console/terminal.ts'

export interface Preflight {
  /** Where Blender is; null = none, and the node goes on without rendering. */
  blender: string | null
}

/**
 * What Blender is better with, on Linux, and what happens without. Scenes are strangers' programs: bubblewrap keeps them from the network and
 * the disk. EEVEE and Workbench draw without a display by EGL, and by Xvfb's display where a Blender insists on one.
 */
const companions = [
  { needed: { program: 'bwrap', debianPackage: 'bubblewrap' }, without: 'scenes render without a sandbox' },
  {
    needed: { program: 'Xvfb', debianPackage: 'xvfb' },
    without: 'some Blenders cannot render EEVEE and Workbench scenes without a screen',
  },
  { needed: headlessDrawing, without: 'EEVEE and Workbench scenes may not render without a screen' },
]

/** Says on stderr what this computer has, and installs Blender and what it needs where that is allowed; else says how. Never rejects. */
export async function preflight(terminal: Terminal): Promise<Preflight> {
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(0)} GiB`
  terminal.say(
    `system   ${type()} ${release()}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'CPU'}, ${gib(freemem())} of ${gib(totalmem())} free`,
  )
  terminal.say(`node     ${process.versions.node}`)
  const blender = await findOrInstallBlender(terminal)
  if (blender !== null) terminal.say(`blender  ${blender}`)
  if (blender !== null) await findOrInstallCompanions(terminal)
  return { blender }
}

async function findOrInstallBlender(terminal: Terminal): Promise<string | null> {
  const pointed = process.env['PICTOR_BLENDER']
  if (pointed !== undefined && isProgram(pointed)) return pointed
  const found = findOnPath('blender') ?? (await findElsewhere())
  if (found !== null) return found
  const wanted = [{ program: 'blender', debianPackage: 'blender' }, ...companions.map(({ needed }) => needed)]
  const outcome = await ensurePrograms(wanted, (line) => terminal.say(line))
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

/** Rendering goes on without them, so what is missing is only said. */
async function findOrInstallCompanions(terminal: Terminal): Promise<void> {
  if (process.platform !== 'linux') return
  const outcome = await ensurePrograms(
    companions.map(({ needed }) => needed),
    (line) => terminal.say(line),
  )
  if (outcome.state !== 'missing') return
  for (const { needed, without } of companions)
    if (outcome.packages.includes(needed.debianPackage)) terminal.say(`missing  ${needed.debianPackage}, so ${without} (${outcome.reason})`)
  terminal.say(`         To install: ${outcome.howTo}\n`)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
