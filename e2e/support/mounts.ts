import { spawnSync } from 'node:child_process'

const namespaces = [
  ['unshare', '-m'],
  ['unshare', '-rm'],
] as const

/** How this system lets us mount without anybody else seeing it: as root, as anybody, or (in some containers) not at all. */
const unshare = namespaces.find(
  ([program, flags]) => spawnSync(program, [flags, 'sh', '-c', 'mount -t tmpfs -o size=64k none /mnt']).status === 0,
)
export const canMount = unshare !== undefined

const inNamespace = (script: string, ...args: string[]): string[] => [...(unshare ?? []), 'sh', '-ec', script, ...args]

/** Runs a command (see CliOptions.wrap) on a disk of its own below `folder`, which holds what the folder held and is lost at the end. */
export const onSmallDisk = (folder: string, sizeMiB: number): string[] =>
  inNamespace(
    'disk=$(mktemp -d); mount -t tmpfs -o size="$1"m none "$disk"; cp -a "$0"/. "$disk"; mount --move "$disk" "$0"; rmdir "$disk"; shift; exec "$@"',
    folder,
    String(sizeMiB),
  )

/** Runs a command that sees `folder` read-only. */
export const onReadOnly = (folder: string): string[] =>
  inNamespace('mount --bind "$0" "$0"; mount -o remount,ro,bind "$0"; exec "$@"', folder)

/** A path as the process sees it, whatever is mounted for it. */
export const asSeenBy = (pid: number, path: string): string => `/proc/${pid}/root${path}`
