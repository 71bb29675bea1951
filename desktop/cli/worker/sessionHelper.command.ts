import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { Command, Option } from 'commander'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import { autostartEntry } from '../../launch/autostartEntry.ts'
import { starterOf } from '../../launch/headless/installLayout.ts'
import type { ServiceStep } from '../../launch/service/servicePlan.ts'
import { systemClock } from '../../launch/systemClock.ts'
import { createProbes } from '../../runtime/entry.ts'
import { terminalLogger } from '../console/terminal.ts'
import type { CliContext } from '../context.ts'
import { jsonOption } from '../options.ts'
import { waitForStop } from '../up/stopSignals.ts'
import { carryOut } from './carryOut.ts'
import { startSessionHelper } from './sessionHelper.ts'

interface HelperOptions {
  sessionFile: string
  install?: boolean
  print?: boolean
  json?: boolean
}

const defaultFile = (): string =>
  process.platform === 'win32'
    ? `${process.env['ProgramData'] ?? 'C:\\ProgramData'}\\pictor-worker-session.json`
    : '/run/pictor-worker/session.json'

/** `pictor worker session-helper`: runs in a person's session and tells the service, which cannot see it, of idle time and full screen. */
export function sessionHelperCommand(context: CliContext): Command {
  return new Command('session-helper')
    .description('in the session of a person: tell the worker that runs as a service how long nobody used the computer, and of full screen')
    .addOption(new Option('--session-file <file>', 'where the service says how it is reached').default(defaultFile()))
    .option('--install', 'start it with every session of this user (unverified on Windows)')
    .option('--print', 'with --install: show what would be done, and do nothing')
    .addOption(jsonOption())
    .action((options: HelperOptions) =>
      context.run(options.json, async (terminal) => {
        if (options.install === true) {
          const step = autostart(context, options.sessionFile)
          if (options.print === true) terminal.print(step.kind === 'write' ? `# ${step.path}\n${step.content}` : JSON.stringify(step))
          else carryOut([step], terminal)
          return { value: { step: JSON.parse(JSON.stringify(step)) as JsonObject } }
        }
        const probes = createProbes({ clock: systemClock, log: terminalLogger(terminal) })
        const stop = startSessionHelper({
          ...{ sessionFile: options.sessionFile, clock: systemClock, session: `${userInfo().username} ${process.pid}` },
          async look() {
            const { idleMs, fullScreen } = await probes.look({ ...nothingElse, idle: true, fullScreen: true })
            return { idleMs, fullScreen }
          },
        })
        await waitForStop(() => process.exit(130))
        stop()
        probes.stop()
        return { value: { stopped: true } }
      }),
    )
}

const nothingElse = { programs: false, cpu: false, battery: false, metered: false, gpu: false, temperature: false, hours: false }

/** How the helper comes with a session: a task of Windows at sign-in, an entry in the desktop's autostart elsewhere. */
function autostart({ installation, outFolder }: CliContext, sessionFile: string): ServiceStep {
  const program = installation === null ? [process.execPath, join(outFolder, 'node', 'cli.js')] : [starterOf(installation.root)]
  const words = [...program, 'worker', 'session-helper', '--session-file', sessionFile]
  if (words.some((word) => /[\u0000-\u001f"`$\\]/.test(process.platform === 'win32' ? word.replaceAll('\\', '') : word)))
    throw new AppErrorException(
      appError('REQUEST_INVALID', { reason: 'a path holds a quote or another character that cannot stand there' }),
    )
  const line = words.map((word) => `"${word}"`).join(' ')
  if (process.platform === 'win32')
    return {
      kind: 'run',
      command: { program: 'schtasks', args: ['/create', '/f', '/tn', 'Pictor Worker session', '/sc', 'onlogon', '/tr', line] },
    }
  return {
    kind: 'write',
    path: join(homedir(), '.config/autostart/pictor-worker-session.desktop'),
    content: autostartEntry('Pictor Worker session helper', words, { NoDisplay: 'true' }),
  }
}
