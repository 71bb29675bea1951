import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { currentFile, versionsFolder, type Installation } from './installLayout.ts'

/**
 * A new version is on trial until it has run for a while. The file `trial` says so; whoever starts it (build/headless/pictor, in the shell's own
 * words, because a version that does not start cannot judge itself) puts the old one back when it ends before, and writes its name into `failed`.
 */
const trialFile = 'trial'
const failedFile = 'failed'

/** So long a new version must run before the old one is forgotten. */
export const provenAfterMs = 20_000

/** Makes `version` the current one, on trial. The trial is written first: power that fails in between leaves the old version, which takes it away. */
export function beginTrial({ root, release }: Installation, version: string): void {
  writeWhole(root, trialFile, `${version} ${release.version} 0\n`)
  writeWhole(root, currentFile, `${version}\n`)
  syncFolder(root)
}

/** The running version has proved itself. Older ones than the one before it go; that one stays, to go back to by hand. */
export function endTrial({ root, release }: Installation): void {
  const before = readTrial(root)?.before
  rmSync(join(root, trialFile), { force: true })
  syncFolder(root)
  // Without an update nothing is thrown away: somebody may have put the versions there by hand.
  if (before === undefined) return
  for (const name of readdirSync(join(root, versionsFolder)))
    if (name !== release.version && name !== before) rmSync(join(root, versionsFolder, name), { recursive: true, force: true })
}

/** Versions that were tried here and did not start. */
export function failedVersions(root: string): string[] {
  return readOrEmpty(join(root, failedFile))
    .split('\n')
    .filter((line) => line !== '')
}

function readTrial(root: string): { version: string; before: string } | null {
  const [version, before] = readOrEmpty(join(root, trialFile)).trim().split(' ')
  return version === undefined || before === undefined ? null : { version, before }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

function writeWhole(root: string, name: string, content: string): void {
  const temporary = join(root, `${name}.new`)
  writeFileSync(temporary, content, { flush: true })
  renameSync(temporary, join(root, name))
}

function syncFolder(path: string): void {
  // Windows cannot sync a folder, and does not need it.
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
