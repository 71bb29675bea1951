import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A program we use (a name on PATH) or a library that one of them loads ("libEGL.so.1"), and the Debian package that brings it. */
export type Needed = { debianPackage: string } & ({ program: string } | { library: string })

/** Without it EEVEE and Workbench end at once where there is no display; Debian's Blender does not ask for it. */
export const headlessDrawing: Needed = { library: 'libEGL.so.1', debianPackage: 'libegl1' }

export type InstallOutcome =
  | { state: 'present' }
  | { state: 'installed'; packages: string[] }
  /** `howTo` is the exact command for a person to type; `reason` says why it was not done here. */
  | { state: 'missing'; packages: string[]; reason: string; howTo: string }

const installTimeoutMs = 15 * 60_000

/**
 * Makes sure that the programs are on PATH and the libraries where the system keeps them: looks, and where this process may (root, apt-get) installs what is missing.
 * Never rejects; what could not be had comes back as data with the command to type.
 */
export async function ensurePrograms(needed: readonly Needed[], say: (line: string) => void): Promise<InstallOutcome> {
  const missing = needed.filter((one) => ('program' in one ? findOnPath(one.program) === null : !isLibraryThere(one.library)))
  if (missing.length === 0) return { state: 'present' }
  const packages = missing.map(({ debianPackage }) => debianPackage)
  const refusal = whyNotHere()
  if (refusal !== null) return { state: 'missing', packages, reason: refusal, howTo: howToInstall(packages) }
  say(`installing ${packages.join(', ')} with apt (this may take a few minutes) …`)
  // Installing without the lists fails on a fresh machine; installing with old lists fails on an old one.
  const updated = await apt(['update'])
  if (updated !== null) return { state: 'missing', packages, reason: updated, howTo: howToInstall(packages) }
  const failed = await apt(['install', '-y', '--no-install-recommends', ...packages])
  if (failed !== null) return { state: 'missing', packages, reason: failed, howTo: howToInstall(packages) }
  say(`installed ${packages.join(', ')}`)
  return { state: 'installed', packages }
}

/** The full path of a program, or null. */
export function findOnPath(program: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, program)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not in this folder: look in the next.
    }
  }
  return null
}

/** Where Linux systems keep their libraries; on others there are none of these to look for. */
function isLibraryThere(name: string): boolean {
  if (process.platform !== 'linux') return true
  const multiarch = existsSync('/usr/lib') ? readdirSync('/usr/lib').filter((folder) => folder.endsWith('-linux-gnu')) : []
  const folders = ['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/usr/local/lib', ...multiarch.map((folder) => join('/usr/lib', folder))]
  return folders.some((folder) => existsSync(join(folder, name)))
}

function howToInstall(packages: readonly string[]): string {
  if (findOnPath('apt-get')) return `sudo apt-get update && sudo apt-get install -y ${packages.join(' ')}`
  if (process.platform === 'darwin') return `brew install ${packages.join(' ')}`
  return `install these with your package manager: ${packages.join(' ')}`
}

function whyNotHere(): string | null {
  if (!findOnPath('apt-get')) return 'this system has no apt-get'
  if (process.getuid?.() !== 0) return 'installing needs root'
  return null
}

/** Runs apt-get; null when it worked, else the end of what it said. */
function apt(args: string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn('apt-get', ['-q', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: installTimeoutMs,
    })
    let tail = ''
    const keep = (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-2_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code) => resolve(code === 0 ? null : `apt-get ${args[0]} failed: ${tail.trim().split('\n').slice(-3).join(' ')}`))
  })
}
