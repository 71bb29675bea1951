import { join } from 'node:path'
import { z } from 'zod'
import type { WorkerConfig } from '#shared/api/workerConfig.ts'
import { durations } from '#shared/durations.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import { startControlServer, type ControlServer } from '../../launch/controlServer.ts'
import { lockDataFolder, openDataFolder } from '../../launch/dataFolder.ts'
import { forkLauncher } from '../../launch/forkLauncher.ts'
import { removeInstance, writeInstance } from '../../launch/instanceFile.ts'
import { supervise, type LaunchContext } from '../../launch/parts.ts'
import { systemClock } from '../../launch/systemClock.ts'
import { exitCodes } from '../console/exitCodes.ts'
import { rethrowKnowing } from '../console/fullDisk.ts'
import type { CommandResult } from '../console/runCommand.ts'
import { terminalLogger, type Terminal } from '../console/terminal.ts'
import { typedPath, type CliContext } from '../context.ts'
import { preflight } from '../up/preflight.ts'
import { waitForStop } from '../up/stopSignals.ts'
import { configFromToken, readConfigFile } from './readConfig.ts'
import type { WorkerOptions } from './worker.command.ts'

const startedSchema = z.looseObject({ url: z.string(), nodeId: z.string(), ownerId: z.string() })

/** Works until told to stop. */
export async function runWorker(
  options: WorkerOptions & { dataPath: string },
  context: CliContext,
  terminal: Terminal,
): Promise<CommandResult> {
  checkOptions(options)
  const file = options.config === undefined ? null : readConfigFile(typedPath(options.config))
  const data = openDataFolder(options.dataPath)
  const unlock = lockDataFolder(data.path)
  const launch: LaunchContext = {
    ...{ data, outFolder: context.outFolder, launcher: forkLauncher, log: terminalLogger(terminal), clock: systemClock },
    random: Math.random,
  }
  const config =
    file ??
    (await configByToken(options, data.path).catch((thrown: unknown) => {
      unlock()
      throw thrown
    }))
  await preflight(terminal)
  let pagePort = options.ui ?? 0
  const runtime = supervise(launch, 'runtime', () => ({
    dataFolder: data.runtime,
    config: config as JsonObject | null,
    pagePort,
    dashboardFolder: options.ui === undefined ? null : join(context.outFolder, 'renderer'),
    ...(process.env['PICTOR_BLENDER'] === undefined ? {} : { blenderPaths: [process.env['PICTOR_BLENDER']] }),
  }))
  const stopped = waitForStop(() => {
    runtime.kill()
    process.exit(exitCodes.interrupted)
  })
  void stopped.then(() => runtime.stop())
  let control: ControlServer | null = null
  try {
    const { url, nodeId, ownerId } = startedSchema.parse(await runtime.start().catch(rethrowKnowing(data.path)))
    pagePort = Number(new URL(url).port) || pagePort
    control = await startControlServer((name, input) => runtime.ask(name, input, 2 * durations.inspectTimeoutMs))
    writeInstance(data.path, {
      ...{ kind: 'worker', pid: process.pid, startedAt: Date.now(), gatewayUrl: null, pageUrl: options.ui === undefined ? null : url },
      ...{ ownerId: ownerId, nodeId: nodeId, processes: runtime.pid === undefined ? {} : { runtime: runtime.pid } },
      control: { url: control.url, token: control.token },
    })
    terminal.say(`node     ${nodeId}`)
    terminal.say(`data     ${data.path}`)
    if (options.ui !== undefined) await sayPage(runtime.ask('page.link', {}), terminal)
    await stopped
    return { value: { stopped: true } }
  } finally {
    removeInstance(data.path)
    await control?.stop()
    await runtime.stop()
    unlock()
    terminal.say('stopped')
  }
}

async function sayPage(asked: ReturnType<ReturnType<typeof supervise>['ask']>, terminal: Terminal): Promise<void> {
  const answer = await asked
  if (!answer.ok) throw new AppErrorException(answer.error)
  terminal.say(`page     open this address (it lets you in once):\n\n  ${(answer.value as { link: string }).link}\n`)
}

function checkOptions({ config, server, enroll }: WorkerOptions): void {
  if (config !== undefined && (server !== undefined || enroll !== undefined))
    throw misuse('give either --config, or --server with --enroll')
  if ((server === undefined) !== (enroll === undefined)) throw misuse('--server and --enroll go together')
}

/** null: no token was given, so the node goes on with what it knows. */
const configByToken = async ({ server, enroll }: WorkerOptions, dataFolder: string): Promise<WorkerConfig | null> =>
  server === undefined || enroll === undefined ? null : configFromToken(dataFolder, server, enroll)

const misuse = (reason: string) => new AppErrorException(appError('REQUEST_INVALID', { reason }))
