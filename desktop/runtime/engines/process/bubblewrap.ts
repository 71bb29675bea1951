import { execFile } from 'node:child_process'
import { lstat, readdir, readlink, realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { cardDevice } from './cardDevice.ts'
import type { Access, Command } from './containment.ts'
import type { RunUser } from './users/runUsers.ts'
import { containsItself } from './containsItself.ts'
import { keyFolders } from './keyFolders.ts'

const run = promisify(execFile)
/** Started by root, bubblewrap would leave root's capabilities: enough to make the disk's device and mount it. */
const apart = ['--die-with-parent', '--cap-drop', 'ALL', '--unshare-net', '--unshare-ipc', '--unshare-uts', '--unshare-pid']
/** What it takes to become another user, which then has none of it. */
const toBecome = ['--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID']
/** Of /etc only what programs and drivers read: libraries, fonts, vendor lists. */
const settings = [
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'fonts',
  'alternatives',
  'OpenCL',
  'vulkan',
  'glvnd',
  'X11',
  'drirc',
  'localtime',
  'passwd',
  'nsswitch.conf',
]

/** Keys and what browsers keep: hidden also from a look into the owner's own scenes, which may link to files anywhere. */
const secrets = [
  ...keyFolders,
  '.password-store',
  '.mozilla',
  '.config/gcloud',
  '.config/google-chrome',
  '.config/chromium',
  '.local/share/keyrings',
]

/** Whether bubblewrap is here and may be used (in many containers it may not). Tried once for real. */
export async function findBubblewrap(): Promise<boolean> {
  if (process.platform !== 'linux') return false
  try {
    await run('bwrap', [...(await systemView()), ...apart, 'true'], { timeout: 5_000 })
    return true
  } catch {
    return false
  }
}

/** The command that runs `command` with only the given access. */
export async function inBubblewrap(
  { command, args }: Command,
  access: Access,
  user: Pick<RunUser, 'inside'> | null = null,
): Promise<Command> {
  if (containsItself(command)) return { command, args }
  const program = await realpath(command)
  const folders = [...new Set([dirname(command), dirname(program), ...access.readOnly])]
  const writable = access.writable.flatMap((folder) => ['--bind', folder, folder])
  const display = access.display ? ['--ro-bind-try', '/tmp/.X11-unix', '/tmp/.X11-unix'] : []
  const ofJob = async () => {
    if (user === null) return [...(await systemView()), ...shown(folders)]
    return [
      ...waysTo(['/etc/x', '/run/x', '/nix/x']),
      ...(await systemView()),
      ...forAll,
      ...waysTo([...folders, ...access.writable]),
      ...shown(folders),
    ]
  }
  const view = access.view === 'disk' ? await diskView(access.hidden ?? [], folders) : await ofJob()
  const [rights, inside] = user === null ? [[], { command, args }] : [toBecome, user.inside({ command, args })]
  return { command: 'bwrap', args: [...view, ...writable, ...display, ...apart, ...rights, inside.command, ...inside.args] }
}

/** What every user of a system may write in; bubblewrap makes it root's alone. */
const forAll = ['/tmp', '/dev/shm'].flatMap((path) => ['--perms', '1777', '--tmpfs', path])

/** Folders above those that are shown, open to walk through: bubblewrap would make them as closed as what it shows. */
const waysTo = (paths: readonly string[]): string[] => {
  const above = paths.flatMap((path) => {
    const way: string[] = []
    for (let at = dirname(path); at !== dirname(at); at = dirname(at)) way.unshift(at)
    return way.filter((one) => !isOfSystem(one))
  })
  return [...new Set(above)].flatMap((path) => ['--perms', '0755', '--dir', path])
}
const isOfSystem = (path: string): boolean => /^\/(usr|bin|lib)?(\/|$)/.test(path)

/** What the view of the system has already is not shown twice. */
const shown = (folders: readonly string[]): string[] =>
  folders.filter((folder) => !isOfSystem(folder)).flatMap((folder) => ['--ro-bind', folder, folder])

/** Every file, none of which can be changed, without sockets of the system's services and without what is secret. */
async function diskView(hidden: readonly string[], folders: readonly string[]): Promise<string[]> {
  const wanted = ['/run', '/tmp/.X11-unix', ...secrets.map((name) => join(homedir(), name)), ...hidden]
  const covered = (await Promise.all(wanted.map(async (path) => ((await isFolder(path)) ? [path] : [])))).flat()
  // Disks that a person plugs in are mounted here on some systems, and drivers lie there on NixOS.
  const inRun = ['/run/media', '/run/opengl-driver', '/run/current-system'].flatMap((path) => ['--ro-bind-try', path, path])
  // Only what is inside of something covered: a scene beside the keys of its owner must not bring them back.
  const inside = folders.filter((folder) => covered.some((path) => folder.startsWith(`${path}/`)))
  return [
    ...['--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', ...(await cards())],
    ...[...covered.flatMap((path) => ['--tmpfs', path]), ...inRun, ...inside.flatMap((path) => ['--ro-bind', path, path])],
  ]
}

const isFolder = async (path: string): Promise<boolean> => (await stat(path).catch(() => null))?.isDirectory() === true

async function systemView(): Promise<string[]> {
  const top = await Promise.all(['/bin', '/sbin', '/lib', '/lib64', '/lib32'].map(topFolder))
  const etc = settings.flatMap((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`])
  const drivers = ['/sys', '/run/opengl-driver', '/nix/store'].flatMap((path) => ['--ro-bind-try', path, path])
  return [
    '--ro-bind',
    '/usr',
    '/usr',
    ...top.flat(),
    ...etc,
    ...drivers,
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    ...(await cards()),
    '--tmpfs',
    '/tmp',
  ]
}

/** /bin and the like are links into /usr on newer systems, folders on older ones. */
async function topFolder(path: string): Promise<string[]> {
  const found = await lstat(path).catch(() => undefined)
  if (found?.isSymbolicLink()) return ['--symlink', await readlink(path), path]
  return found ? ['--ro-bind', path, path] : []
}

async function cards(): Promise<string[]> {
  const names = (await readdir('/dev').catch(() => [])).filter((name) => cardDevice.test(name))
  return names.flatMap((name) => ['--dev-bind-try', `/dev/${name}`, `/dev/${name}`])
}
