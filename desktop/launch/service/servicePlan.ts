import { join } from 'node:path'
import { launchdLabel, launchdPlist } from './launchdPlist.ts'
import { checkServiceSpec, type ServiceSpec } from './serviceSpec.ts'
import { systemdUnit } from './systemdUnit.ts'
import { windowsRemoveCommands, windowsServiceCommands, type Command } from './windowsService.ts'

/** What is done to make a service, in order; printed or carried out. */
export type ServiceStep =
  | { kind: 'write'; path: string; content: string }
  | { kind: 'remove'; path: string }
  /** `mayFail`: what it asks for may be so already. */
  | { kind: 'run'; command: Command; mayFail?: boolean }

export interface ServicePlan {
  steps: ServiceStep[]
  /** Written for this system, and never run on a real one. */
  unverified: boolean
  /** How it is looked at. */
  status: Command
}

const run = (program: string, ...args: string[]): ServiceStep => ({ kind: 'run', command: { program, args } })
const tryTo = (program: string, ...args: string[]): ServiceStep => ({ kind: 'run', command: { program, args }, mayFail: true })

/** Throws REQUEST_INVALID for names and paths that cannot stand in a definition. */
export function installPlan(given: ServiceSpec, platform: NodeJS.Platform): ServicePlan {
  const spec = checkServiceSpec(given)
  const status = statusCommand(spec, platform)
  const place = definitionPath(spec, platform)
  if (platform === 'win32')
    return { steps: windowsServiceCommands(spec).map((command) => ({ kind: 'run' as const, command })), unverified: true, status }
  if (platform === 'darwin')
    return {
      steps: [{ kind: 'write', path: place, content: launchdPlist(spec) }, run('launchctl', 'load', '-w', place)],
      unverified: true,
      status,
    }
  const { name, user, dataFolder, installFolder, home } = spec
  const systemctl = (...args: string[]) => run('systemctl', ...(spec.scope === 'user' ? ['--user'] : []), ...args)
  const owned = [dataFolder, ...(installFolder === null ? [] : [installFolder])]
  const account: ServiceStep[] =
    spec.scope === 'user'
      ? []
      : [
          // Cards belong to these groups; a system without a card may not have them, and the unit names both.
          ...['video', 'render'].map((group) => tryTo('groupadd', '--system', '--force', group)),
          tryTo('useradd', '--system', '--user-group', '--home-dir', home, '--no-create-home', '--shell', '/usr/sbin/nologin', user),
          run('mkdir', '-p', dataFolder),
          run('chown', '-R', `${user}:${user}`, ...owned),
        ]
  return {
    steps: [
      ...account,
      { kind: 'write', path: place, content: systemdUnit(spec) },
      systemctl('daemon-reload'),
      systemctl('enable', '--now', `${name}.service`),
      // Without it a user's services end when the user signs out.
      ...(spec.scope === 'user' ? [tryTo('loginctl', 'enable-linger')] : []),
    ],
    unverified: false,
    status,
  }
}

export function removePlan(given: ServiceSpec, platform: NodeJS.Platform): ServiceStep[] {
  const spec = checkServiceSpec(given)
  if (platform === 'win32') return windowsRemoveCommands(spec.name).map((command) => ({ kind: 'run', command, mayFail: true }))
  const place = definitionPath(spec, platform)
  if (platform === 'darwin') return [tryTo('launchctl', 'unload', '-w', place), { kind: 'remove', path: place }]
  const scope = spec.scope === 'user' ? ['--user'] : []
  return [
    tryTo('systemctl', ...scope, 'disable', '--now', `${spec.name}.service`),
    { kind: 'remove', path: place },
    run('systemctl', ...scope, 'daemon-reload'),
  ]
}

function definitionPath({ name, scope, home }: ServiceSpec, platform: NodeJS.Platform): string {
  if (platform === 'darwin') {
    const file = `${launchdLabel(name)}.plist`
    return scope === 'system' ? `/Library/LaunchDaemons/${file}` : join(home, 'Library/LaunchAgents', file)
  }
  return scope === 'system' ? `/etc/systemd/system/${name}.service` : join(home, '.config/systemd/user', `${name}.service`)
}

function statusCommand({ name, scope }: ServiceSpec, platform: NodeJS.Platform): Command {
  if (platform === 'win32') return { program: 'sc.exe', args: ['query', name] }
  if (platform === 'darwin') return { program: 'launchctl', args: ['list', launchdLabel(name)] }
  const properties = 'LoadState,ActiveState,SubState,UnitFileState,MainPID'
  return { program: 'systemctl', args: [...(scope === 'user' ? ['--user'] : []), 'show', `${name}.service`, `--property=${properties}`] }
}
