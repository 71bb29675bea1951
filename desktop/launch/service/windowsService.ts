import type { ServiceSpec } from './serviceSpec.ts'

/** Windows' own account for services without rights: no password, no network identity. */
export const windowsServiceUser = 'NT AUTHORITY\\LocalService'

export interface Command {
  program: string
  args: string[]
}

/**
 * A Windows service. A program must speak the service manager's protocol to be one; Node does not, so `shawl` (https://github.com/mtkennerly/shawl, one
 * small program, `winget install mtkennerly.shawl`) stands between the two: it starts ours, ends it with Ctrl-C, starts it again when it fails.
 * Not run on a real Windows yet.
 */
export function windowsServiceCommands({ name, program, args, dataFolder, installFolder }: ServiceSpec): Command[] {
  const writable = [dataFolder, ...(installFolder === null ? [] : [installFolder])]
  return [
    {
      program: 'shawl',
      args: [
        ...['add', '--name', name, '--restart-if-not', '0', '--stop-timeout', '30000', '--log-dir', `${dataFolder}\\logs`],
        ...['--log-rotate', 'bytes=5242880', '--log-retain', '3'],
        // A command file is run by the command processor.
        ...['--', ...(/\.cmd$/i.test(program) ? ['cmd.exe', '/d', '/c', program] : [program]), ...args],
      ],
    },
    { program: 'sc.exe', args: ['config', name, 'start=', 'delayed-auto', 'obj=', windowsServiceUser, 'displayname=', 'Pictor Worker'] },
    { program: 'sc.exe', args: ['failure', name, 'reset=', '600', 'actions=', 'restart/5000/restart/30000/restart/60000'] },
    ...writable.map((path) => ({ program: 'icacls', args: [path, '/grant', `*S-1-5-19:(OI)(CI)M`, '/T', '/Q'] })),
    { program: 'sc.exe', args: ['start', name] },
  ]
}

export const windowsRemoveCommands = (name: string): Command[] => [
  { program: 'sc.exe', args: ['stop', name] },
  { program: 'sc.exe', args: ['delete', name] },
]

/** A command as a person would type it into the command processor. */
export function windowsCommandLine({ program, args }: Command): string {
  return [program, ...args].map((part) => (/^[\w.:\\/=@+,-]+$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`)).join(' ')
}
