import { Command } from 'commander'
import { runtimeAsks } from '#shared/api/runtimeAsks.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { askInstance } from '../../launch/controlClient.ts'
import { readInstance } from '../../launch/instanceFile.ts'
import { exitCodes } from '../console/exitCodes.ts'
import { dataPath, type CliContext } from '../context.ts'
import { dataOption, jsonOption } from '../options.ts'

interface HealthOptions {
  ready?: boolean
  data?: string
  json?: boolean
}

const answerWithinMs = 5_000

/** `pictor worker health`: does the worker on the data folder answer? For containers and service managers. */
export function healthCommand(context: CliContext): Command {
  return new Command('health')
    .description('whether the worker on the data folder answers; exit code 3 when it does not')
    .option('--ready', 'exit code 1 too while it cannot be given work (no line to its server, a failed check)')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action((options: HealthOptions) =>
      context.run(options.json, async (terminal) => {
        const instance = readInstance(dataPath(options.data))
        if (instance === null) throw new AppErrorException(appError('NOT_RUNNING', { path: dataPath(options.data) }))
        const health = await askInstance(instance, 'node.health', {}, runtimeAsks['node.health'].output, answerWithinMs)
        terminal.print(`${health.ready ? 'ready' : 'not ready'}  ${health.status} ${health.code}, line: ${health.line}`)
        const { ready, status, code, line, version } = health
        return {
          value: { live: true, ready, status, code, line, version },
          exitCode: ready || options.ready !== true ? exitCodes.ok : exitCodes.failed,
        }
      }),
    )
}
