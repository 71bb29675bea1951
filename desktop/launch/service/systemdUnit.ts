import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { ServiceSpec } from './serviceSpec.ts'

/**
 * A unit for systemd. What is not restricted, and why: namespaces and a full /proc (bubblewrap makes namespaces of its own around each scene and mounts
 * a /proc there; `ProtectKernelTunables` and its kind would forbid it), devices (the graphics cards), writable and executable memory (V8).
 */
export function systemdUnit(spec: ServiceSpec): string {
  const { scope, dataFolder, installFolder, user } = spec
  const writable = [dataFolder, ...(installFolder === null ? [] : [installFolder])]
  const isolation =
    scope === 'system'
      ? [
          `User=${user}`,
          `Group=${user}`,
          'SupplementaryGroups=video render',
          'ProtectSystem=strict',
          ...writable.map((path) => `ReadWritePaths=${quote(path)}`),
          // Homes stay hidden unless we live in one.
          ...(writable.some((path) => /^\/(home|root|run\/user)\//.test(path)) ? [] : ['ProtectHome=yes']),
          'PrivateTmp=yes',
          'RuntimeDirectory=' + spec.name,
          'CapabilityBoundingSet=',
          'AmbientCapabilities=',
          'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
          'ProtectHostname=yes',
        ]
      : []
  return [
    '[Unit]',
    'Description=Pictor Worker',
    'Documentation=man:systemd.service(5)',
    ...(scope === 'system' ? ['Wants=network-online.target', 'After=network-online.target'] : []),
    '# Gives up after ten failed starts within ten minutes, instead of trying for ever.',
    'StartLimitIntervalSec=600',
    'StartLimitBurst=10',
    '',
    '[Service]',
    'Type=exec',
    `ExecStart=${[quoteProgram(spec.program), ...spec.args.map(quote)].join(' ')}`,
    `Environment=${quote(`HOME=${spec.home}`)}`,
    ...isolation,
    'NoNewPrivileges=yes',
    'LockPersonality=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'SystemCallArchitectures=native',
    'UMask=0077',
    '# Its own part of the control groups, for the limits of memory and processes around each scene.',
    'Delegate=yes',
    'Restart=on-failure',
    '# A command that was not understood is not understood the next time either.',
    'RestartPreventExitStatus=2',
    'RestartSec=5',
    '# It finishes nothing and loses nothing: what is rendered is kept, and the frame in progress is begun anew.',
    'KillMode=mixed',
    'TimeoutStopSec=30',
    '',
    '[Install]',
    `WantedBy=${scope === 'system' ? 'multi-user.target' : 'default.target'}`,
    '',
  ].join('\n')
}

/** The program itself: systemd replaces no variables in it and takes no quotes or backslashes. Throws REQUEST_INVALID for a path that has some. */
function quoteProgram(program: string): string {
  if (/["'\\]/.test(program))
    throw new AppErrorException(
      appError('REQUEST_INVALID', { reason: `systemd cannot start ${program}: its path holds a quote or a backslash` }),
    )
  return `"${program.replaceAll('%', '%%')}"`
}

/** As systemd.syntax(7) and systemd.service(5) read it: C escapes in double quotes; `%` begins a specifier and `$` a variable. */
export function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`
}
