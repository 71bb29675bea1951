import { execFile } from 'node:child_process'
import { lstat, readdir, readlink, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'

/**
 * How far a program that reads a stranger's file is kept apart: `basic` is a home of its own and a clean environment, `bubblewrap`
 * adds no network, no view of other processes, and no view of the disk beyond the system, the program and its job.
 */
export type ContainmentLevel = 'bubblewrap' | 'basic'

export interface Access {
  readOnly: readonly string[]
  writable: readonly string[]
  /** An X display is used: its socket has to be seen. */
  display: boolean
}

export interface Command {
  command: string
  args: readonly string[]
}

const run = promisify(execFile)
/** Started by root, bubblewrap would leave root's capabilities: enough to make the disk's device and mount it. */
const apart = ['--die-with-parent', '--cap-drop', 'ALL', '--unshare-net', '--unshare-ipc', '--unshare-uts', '--unshare-pid']
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

/** What drivers of cards open: NVIDIA, AMD and Intel, AMD's computing, WSL, Mali. Disks, terminals and memory of others stay outside. */
const cardDevice = /^(nvidia.*|dri|kfd|dxg|mali\d*)$/

/** Whether bubblewrap is here and may be used (in many containers it may not). Tried once for real. */
export async function findContainment(): Promise<ContainmentLevel> {
  if (process.platform !== 'linux') return 'basic'
  try {
    await run('bwrap', [...(await systemView()), ...apart, 'true'], { timeout: 5_000 })
    return 'bubblewrap'
  } catch {
    return 'basic'
  }
}

/** The command that runs `command` with only the given access. Snap and flatpak bring a containment of their own. */
export async function contain({ command, args }: Command, access: Access): Promise<Command> {
  if (/^\/snap\/|\/flatpak\//.test(command)) return { command, args }
  const program = await realpath(command)
  const readOnly = [...new Set([dirname(command), dirname(program), ...access.readOnly])].filter(
    (folder) => !/^\/(usr|bin|lib)?(\/|$)/.test(folder),
  )
  const binds = [
    ...readOnly.flatMap((folder) => ['--ro-bind', folder, folder]),
    ...access.writable.flatMap((folder) => ['--bind', folder, folder]),
    ...(access.display ? ['--ro-bind-try', '/tmp/.X11-unix', '/tmp/.X11-unix'] : []),
  ]
  return { command: 'bwrap', args: [...(await systemView()), ...binds, ...apart, command, ...args] }
}

async function systemView(): Promise<string[]> {
  const top = await Promise.all(['/bin', '/sbin', '/lib', '/lib64', '/lib32'].map(topFolder))
  const etc = settings.flatMap((name) => ['--ro-bind-try', `/etc/${name}`, `/etc/${name}`])
  const drivers = ['/sys', '/run/opengl-driver', '/nix/store'].flatMap((path) => ['--ro-bind-try', path, path])
  const cards = (await readdir('/dev').catch(() => [])).filter((name) => cardDevice.test(name)).map((name) => `/dev/${name}`)
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
    ...cards.flatMap((path) => ['--dev-bind-try', path, path]),
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
