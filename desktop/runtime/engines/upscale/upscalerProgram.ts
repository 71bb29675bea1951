import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { existsSync } from 'node:fs'

/** How the upscaler is started: a process of its own, so that an idle node carries nothing of it. */
export interface UpscalerProgram {
  command: string
  args: readonly string[]
  /** What it has to read beside its job: its code, the packages with native parts, the networks. */
  folders: readonly string[]
  /** Electron brings a sandbox of its own, which does not start inside another one. */
  containable: boolean
}

/** As told by whoever starts the node: Electron's main process gives the app itself with a word for its first argument. */
export interface GivenProgram {
  command: string
  args: string[]
}

/**
 * The upscaler beside the code that runs: the bundle `upscaler.js` in `out/node`, or the source where that is what runs. In Node it is started with
 * this very Node; in Electron, whose binary is no Node (build/fuses.ts), by the app itself, as the shell says. null: it is not there.
 */
export function findUpscaler(given: GivenProgram | null, here: string = import.meta.dirname): UpscalerProgram | null {
  if (process.versions['electron'] !== undefined) return given === null ? null : { ...given, folders: [], containable: false }
  const scripts = [join(here, 'upscaler.js'), join(here, '..', 'upscaler.js'), join(here, '..', '..', 'upscaler', 'main.ts')]
  const script = scripts.find((path) => existsSync(path))
  if (script === undefined) return null
  const packages = dirname(dirname(createRequire(script).resolve('onnxruntime-node/package.json')))
  const folders = [dirname(script), packages, ...sourcesOf(script)]
  return { command: process.execPath, args: ['--no-warnings', script], folders, containable: true }
}

/** Run from the sources it reads `shared` and package.json too. */
function sourcesOf(script: string): string[] {
  if (!script.endsWith('.ts')) return []
  const root = join(dirname(script), '..', '..', '..')
  return [join(root, 'shared'), join(root, 'package.json')]
}
