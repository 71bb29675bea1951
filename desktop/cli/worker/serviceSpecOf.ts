import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { starterOf } from '../../launch/headless/installLayout.ts'
import { defaultServiceName, type ServiceSpec } from '../../launch/service/serviceSpec.ts'
import { windowsServiceUser } from '../../launch/service/windowsService.ts'
import { dataPath, type CliContext } from '../context.ts'

export interface ServiceOptions {
  name?: string
  system?: boolean
  user?: boolean
  data?: string
  ui?: number
  /** More options of `pictor worker`, after `--`. */
  more?: readonly string[]
}

export interface ServiceSurroundings {
  platform: NodeJS.Platform
  isRoot: boolean
  execPath: string
}

export const surroundings = (): ServiceSurroundings => ({
  platform: process.platform,
  isRoot: process.getuid?.() === 0,
  execPath: process.execPath,
})

/** The service that was asked for. Throws REQUEST_INVALID. */
export function serviceSpecOf(
  options: ServiceOptions,
  context: CliContext,
  { platform, isRoot, execPath }: ServiceSurroundings,
): ServiceSpec {
  if (options.system === true && options.user === true)
    throw new AppErrorException(appError('REQUEST_INVALID', { reason: 'give either --system or --user' }))
  const name = options.name ?? defaultServiceName
  // Windows' services are the computer's; elsewhere whoever is root means the computer.
  const scope = platform === 'win32' || options.system === true || (isRoot && options.user !== true) ? 'system' : 'user'
  const dataFolder = options.data === undefined && scope === 'system' ? systemData(name, platform) : dataPath(options.data)
  const { installation } = context
  const start =
    installation === null
      ? { program: execPath, before: [join(context.outFolder, 'node', 'cli.js')] }
      : { program: starterOf(installation.root, platform), before: [] }
  return {
    ...{ name, scope, dataFolder, program: start.program, installFolder: installation?.root ?? null },
    args: [
      ...[...start.before, 'worker', '--data', dataFolder, '--log-json'],
      ...sessionArgs(name, scope, dataFolder, platform),
      ...(options.ui === undefined ? [] : ['--ui', String(options.ui)]),
      ...(options.more ?? []),
    ],
    user: userOf(name, scope, platform),
    home: scope === 'system' ? dataFolder : homedir(),
  }
}

/** A service of the computer does not see who sits at it: a helper in the session tells it, by way of this file. */
function sessionArgs(name: string, scope: ServiceSpec['scope'], dataFolder: string, platform: NodeJS.Platform): string[] {
  if (scope === 'user' || platform === 'darwin') return []
  return ['--session-file', platform === 'win32' ? `${dataFolder}-session.json` : `/run/${name}/session.json`]
}

function systemData(name: string, platform: NodeJS.Platform): string {
  if (platform === 'win32') return `${process.env['ProgramData'] ?? 'C:\\ProgramData'}\\${name}`
  return platform === 'darwin' ? `/Library/Application Support/${name}` : `/var/lib/${name}`
}

function userOf(name: string, scope: ServiceSpec['scope'], platform: NodeJS.Platform): string {
  if (scope === 'user') return userInfo().username
  if (platform === 'win32') return windowsServiceUser.split('\\').at(-1) ?? ''
  // macOS has no plain way to make a user; a daemon there runs as whoever asked for it.
  return platform === 'darwin' ? (process.env['SUDO_USER'] ?? 'nobody') : name
}
