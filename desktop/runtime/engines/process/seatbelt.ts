import { execFile } from 'node:child_process'
import { realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Access, Command } from './containment.ts'
import { keyFolders } from './keyFolders.ts'

const run = promisify(execFile)
/** Where persons keep what is theirs; disks that are plugged in too. */
const personal = ['/Users', '/Volumes', '/private/var/root']
const secrets = [...keyFolders, 'Library/Keychains', 'Library/Cookies', 'Library/Application Support/Google']

/**
 * Rules for macOS's sandbox-exec; of several that fit the last one counts. Everything is allowed but what is named: a list of what drivers of the cards
 * need would be wrong with the next system. Pure; all paths must be real ones (/tmp is a link there). Unverified: never run on macOS.
 */
export function seatbeltProfile(access: Access, program: readonly string[], home: string): string {
  const subpaths = (paths: readonly string[]) => paths.map((path) => `(subpath ${quoted(path)})`).join(' ')
  const writable = subpaths(access.writable)
  const hidden = [...(access.view === 'disk' ? [] : personal), ...secrets.map((name) => join(home, name)), ...(access.hidden ?? [])]
  // Only what is inside of something hidden comes back: a scene beside the keys of its owner must not bring them along.
  const shown = [...program, ...access.readOnly].filter((path) => hidden.some((one) => path.startsWith(`${one}/`)))
  return [
    '(version 1)',
    '(allow default)',
    '(deny network*)',
    // Starting other programs on its behalf, outside of this sandbox.
    '(deny lsopen)',
    '(deny appleevent-send)',
    '(deny signal)',
    '(allow signal (target self))',
    `(deny file-read* ${subpaths(hidden)})`,
    // Names on the way to what it may see.
    `(allow file-read-metadata ${subpaths(hidden)})`,
    ...(shown.length === 0 ? [] : [`(allow file-read* ${subpaths(shown)})`]),
    ...(access.writable.length === 0 ? [] : [`(allow file-read* ${writable})`]),
    '(deny file-write*)',
    ...(access.writable.length === 0 ? [] : [`(allow file-write* ${writable})`]),
    '(allow file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/dtracehelper") (literal "/dev/tty"))',
    // Compiled kernels of the cards: Metal keeps them there, whatever the environment says.
    '(allow file-write* (regex #"^/private/var/folders/[^/]+/[^/]+/C/"))',
  ].join('\n')
}

/** A text in the rules: a backslash and a quotation mark are escaped. */
const quoted = (path: string): string => `"${path.replace(/[\\"]/g, (one) => `\\${one}`)}"`

/** Whether this macOS takes rules of this kind. Tried once for real. */
export async function findSeatbelt(): Promise<boolean> {
  if (process.platform !== 'darwin') return false
  try {
    const { command, args } = await inSeatbelt({ command: '/usr/bin/true', args: [] }, { readOnly: [], writable: [], display: false })
    await run(command, [...args], { timeout: 5_000 })
    return true
  } catch {
    return false
  }
}

/** The command that runs `command` with only the given access. */
export async function inSeatbelt({ command, args }: Command, access: Access): Promise<Command> {
  const real = (paths: readonly string[]) => Promise.all(paths.map((path) => realpath(path).catch(() => path)))
  const [readOnly, writable, hidden] = [await real(access.readOnly), await real(access.writable), await real(access.hidden ?? [])]
  const program = await real([dirname(command), bundleOf(await realpath(command))])
  const profile = seatbeltProfile({ ...access, readOnly, writable, hidden }, program, await realpath(homedir()))
  return { command: '/usr/bin/sandbox-exec', args: ['-p', profile, command, ...args] }
}

/** The application that a program is part of, which holds its libraries: `/Users/a/Blender.app/Contents/MacOS/Blender` → `/Users/a/Blender.app`. */
export const bundleOf = (program: string): string => /^(.*?\.app)\/Contents\//.exec(program)?.[1] ?? dirname(program)
