import { join } from 'node:path'
import { Command, Option } from 'commander'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import { openDataFolder } from '../../launch/dataFolder.ts'
import { writePrivateJson } from '../../launch/privateFile.ts'
import { installPlan, removePlan, type ServiceStep } from '../../launch/service/servicePlan.ts'
import type { ServiceSpec } from '../../launch/service/serviceSpec.ts'
import { windowsCommandLine } from '../../launch/service/windowsService.ts'
import { exitCodes } from '../console/exitCodes.ts'
import { takeSecrets } from '../console/secrets.ts'
import type { Terminal } from '../console/terminal.ts'
import { type CliContext } from '../context.ts'
import { dataOption, jsonOption, parsePort, parseServerUrl } from '../options.ts'
import { carryOut, runCommandHere, shellLine } from './carryOut.ts'
import { configOf, setupFile, type ConfigOptions } from './readConfig.ts'
import { serviceSpecOf, surroundings, type ServiceOptions } from './serviceSpecOf.ts'

interface CommandOptions extends ServiceOptions, ConfigOptions {
  print?: boolean
  json?: boolean
}

const nameOption = () => new Option('--name <name>', 'name of the service (default: pictor-worker)')
const systemOption = () => new Option('--system', 'for the whole computer, as a user of its own without rights (default for root)')
const userOption = () => new Option('--user', 'for the user who types this (default otherwise)')
const printOption = () => new Option('--print', 'show what would be done, and do nothing')

/** `pictor worker install`, `uninstall`, `service-status`: the worker as a service of systemd, launchd or Windows. */
export function serviceCommands(context: CliContext): Command[] {
  const install = new Command('install')
    .description(
      'run the worker as a service: it starts with the computer and again when it fails; options of `worker` may follow after --',
    )
    .argument('[options...]', 'more options for `pictor worker`, after --')
    .addOption(nameOption())
    .addOption(systemOption())
    .addOption(userOption())
    .addOption(printOption())
    .option('--config <file>', 'worker config; it is kept in the data folder until the first start, never in the definition')
    .addOption(new Option('--server <url>', 'instead of a config: address of the server').env('PICTOR_SERVER').argParser(parseServerUrl))
    .addOption(new Option('--enroll <token>', 'and an enrolment token for it').env('PICTOR_ENROLL'))
    .addOption(new Option('--ui <port>', 'serve the dashboard of this node on this port').argParser(parsePort))
    .addOption(dataOption())
    .addOption(jsonOption())
    .action((more: string[], options: CommandOptions) =>
      context.run(options.json, async (terminal) => {
        takeSecrets(process.env)
        const here = surroundings()
        const spec = serviceSpecOf({ ...options, more }, context, here)
        const { steps, unverified } = installPlan(spec, here.platform)
        if (unverified) terminal.say('unverified: this was written for this system and never run on a real one')
        if (options.print === true) return { value: { ...show(steps, terminal), unverified } }
        mayChange(spec, here)
        if (options.config !== undefined || options.enroll !== undefined) await keepSetup(options, spec)
        carryOut(steps, terminal)
        terminal.print(`The service ${spec.name} is installed and runs. Its data: ${spec.dataFolder}`)
        return { value: { name: spec.name, scope: spec.scope, dataFolder: spec.dataFolder, unverified } }
      }),
    )

  const uninstall = new Command('uninstall')
    .description('stop the service and take its definition away; the data folder stays')
    .addOption(nameOption())
    .addOption(systemOption())
    .addOption(userOption())
    .addOption(printOption())
    .addOption(jsonOption())
    .action((options: CommandOptions) =>
      context.run(options.json, async (terminal) => {
        const here = surroundings()
        const spec = serviceSpecOf(options, context, here)
        const steps = removePlan(spec, here.platform)
        if (options.print === true) return { value: show(steps, terminal) }
        mayChange(spec, here)
        carryOut(steps, terminal)
        terminal.print(`The service ${spec.name} is gone. Its data stays: ${spec.dataFolder}`)
        return { value: { name: spec.name, dataFolder: spec.dataFolder } }
      }),
    )

  const status = new Command('service-status')
    .description('what the service manager says; exit code 1 when the service does not run')
    .addOption(nameOption())
    .addOption(systemOption())
    .addOption(userOption())
    .addOption(jsonOption())
    .action((options: CommandOptions) =>
      context.run(options.json, async (terminal) => {
        const here = surroundings()
        const spec = serviceSpecOf(options, context, here)
        const { ok, said } = runCommandHere(installPlan(spec, here.platform).status)
        const running = ok && /ActiveState=active|STATE\s*:\s*4|"PID"/.test(said)
        terminal.print(said === '' ? `${spec.name}: nothing is known` : said)
        return { value: { name: spec.name, running, said }, exitCode: running ? exitCodes.ok : exitCodes.failed }
      }),
    )
  return [install, uninstall, status]
}

/** The token stays out of the definition, which everybody on the computer can read. */
async function keepSetup(options: CommandOptions, { dataFolder }: ServiceSpec): Promise<void> {
  openDataFolder(dataFolder)
  const config = await configOf(options, dataFolder)
  if (config !== null) writePrivateJson(join(dataFolder, setupFile), config)
}

function mayChange({ scope }: ServiceSpec, { platform, isRoot }: ReturnType<typeof surroundings>): void {
  if (scope === 'system' && platform !== 'win32' && !isRoot)
    throw new AppErrorException(appError('REQUEST_INVALID', { reason: 'a service of the whole computer needs root; use sudo, or --user' }))
}

function show(steps: readonly ServiceStep[], terminal: Terminal): JsonObject {
  const line = process.platform === 'win32' ? windowsCommandLine : shellLine
  for (const step of steps) {
    if (step.kind === 'write') terminal.print(`# ${step.path}\n${step.content}`)
    else terminal.print(step.kind === 'remove' ? `rm ${step.path}` : line(step.command))
  }
  return { steps: JSON.parse(JSON.stringify(steps)) as JsonObject[] }
}
