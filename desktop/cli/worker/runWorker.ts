import { join } from 'node:path'
import { z } from 'zod'
import { durations } from '#shared/durations.ts'
import { AppErrorException } from '#shared/errors/appError.ts'
import type { JsonObject, JsonValue } from '#shared/json.ts'
import { ok, type Result } from '#shared/result.ts'
import { startControlServer, type ControlServer } from '../../launch/controlServer.ts'
import { lockDataFolder, openDataFolder } from '../../launch/dataFolder.ts'
import { forkLauncher } from '../../launch/forkLauncher.ts'
import { noteOf, type HeadlessUpdates } from '../../launch/headless/headlessUpdates.ts'
import { restartInto } from '../../launch/headless/restartInto.ts'
import { removeInstance, writeInstance } from '../../launch/instanceFile.ts'
import { removeSessionFile, writeSessionFile } from '../../launch/sessionFile.ts'
import { supervise, type LaunchContext } from '../../launch/parts.ts'
import { systemClock } from '../../launch/systemClock.ts'
import { jsonLog } from '../console/jsonLog.ts'
import { takeSecrets } from '../console/secrets.ts'
import { exitCodes } from '../console/exitCodes.ts'
import { rethrowKnowing } from '../console/fullDisk.ts'
import type { CommandResult } from '../console/runCommand.ts'
import { terminalLogger, type Terminal } from '../console/terminal.ts'
import type { CliContext } from '../context.ts'
import { preflight } from '../up/preflight.ts'
import { waitForStop } from '../up/stopSignals.ts'
import { exitWhenIdle } from './exitWhenIdle.ts'
import { pageOptions } from './pageOptions.ts'
import { configOf, forgetSetup } from './readConfig.ts'
import { startKeepingCurrent } from './keepCurrent.ts'
import type { WorkerOptions } from './worker.command.ts'

const startedSchema = z.looseObject({ url: z.string(), nodeId: z.string(), ownerId: z.string() })

type StopReason = 'asked' | 'update' | 'done' | 'idle'

/** Works until told to stop, by whoever started it or by an update. */
export async function runWorker(
  options: WorkerOptions & { dataPath: string },
  context: CliContext,
  given: Terminal,
): Promise<CommandResult> {
  const secrets = takeSecrets(process.env)
  const json = options.logJson === true ? jsonLog(given) : null
  const terminal = json?.terminal ?? given
  const log = json?.log ?? terminalLogger(terminal)
  const data = openDataFolder(options.dataPath)
  const unlock = lockDataFolder(data.path)
  const config = await configOf(options, data.path).catch((thrown: unknown) => {
    unlock()
    throw thrown
  })
  await preflight(terminal)
  const launch: LaunchContext = {
    ...{ data, outFolder: context.outFolder, launcher: forkLauncher, log, clock: systemClock, random: Math.random },
    ...(json === null ? {} : { onLogLine: json.pass }),
  }
  let pagePort = options.ui ?? 0
  const runtime = supervise(launch, 'runtime', () => ({
    ...{ dataFolder: data.runtime, config: config as JsonObject | null, pagePort, appVersion: context.version },
    ...pageOptions(options, secrets),
    dashboardFolder: options.ui === undefined ? null : join(context.outFolder, 'renderer'),
    ...(process.env['PICTOR_BLENDER'] === undefined ? {} : { blenderPaths: [process.env['PICTOR_BLENDER']] }),
    ...(process.env['PICTOR_BENCHMARK'] === 'asked' ? { benchmark: 'asked' } : {}),
  }))
  const ending = Promise.withResolvers<StopReason>()
  void waitForStop(() => {
    runtime.kill()
    process.exit(exitCodes.interrupted)
  }).then(() => ending.resolve('asked'))
  void ending.promise.then(() => runtime.stop())
  let control: ControlServer | null = null
  let updates: HeadlessUpdates | null = null
  let reason: StopReason = 'asked'
  let endWatch = () => undefined as void
  const askNode = (name: string, input: JsonObject) => runtime.ask(name, input, 2 * durations.inspectTimeoutMs)
  try {
    const { url, nodeId, ownerId } = startedSchema.parse(await runtime.start().catch(rethrowKnowing(data.path)))
    pagePort = Number(new URL(url).port) || pagePort
    forgetSetup(data.path)
    updates = startKeepingCurrent(
      { nodeId, askNode, restart: () => ending.resolve('update'), drainMs: drainMsOf(options), ...launch },
      context.installation,
    )
    control = await startControlServer((name, input) => answer(name, input, updates, askNode))
    if (options.sessionFile !== undefined) writeSessionFile(options.sessionFile, control)
    writeInstance(data.path, {
      ...{ kind: 'worker', pid: process.pid, startedAt: Date.now(), gatewayUrl: null, pageUrl: options.ui === undefined ? null : url },
      ...{ ownerId: ownerId, nodeId: nodeId, processes: runtime.pid === undefined ? {} : { runtime: runtime.pid } },
      control: { url: control.url, token: control.token },
    })
    terminal.say(`node     ${nodeId}`)
    terminal.say(`data     ${data.path}`)
    if (options.ui !== undefined) await sayPage(options, url, runtime.ask('page.link', {}), terminal)
    endWatch = exitWhenIdle({
      ...{ askNode, clock: systemClock, whenDone: options.exitWhenDone === true, onIdle: ending.resolve },
      afterIdleMs: options.exitAfterIdle === undefined ? null : options.exitAfterIdle * 60_000,
    })
    reason = await ending.promise
    if (reason === 'done') terminal.say('all work is done')
    if (reason === 'idle') terminal.say(`nothing to do for ${options.exitAfterIdle} minutes`)
  } finally {
    endWatch()
    if (options.sessionFile !== undefined) removeSessionFile(options.sessionFile)
    updates?.stop()
    removeInstance(data.path)
    await control?.stop()
    await runtime.stop()
    unlock()
    terminal.say('stopped')
  }
  if (reason === 'update' && context.installation !== null) {
    terminal.say('the new version starts')
    restartInto(context.installation.root, process.argv.slice(2), secrets)
    return { value: { stopped: true }, exitCode: Number(process.exitCode ?? exitCodes.ok) }
  }
  return { value: { stopped: true, reason } }
}

/** What other commands on this computer ask: of the launcher itself, or of the node. */
async function answer(
  name: string,
  input: JsonObject,
  updates: HeadlessUpdates | null,
  askNode: (name: string, input: JsonObject) => Promise<Result<JsonValue>>,
): Promise<Result<JsonValue>> {
  if (name === 'session.report') return askNode('system.event', { ...input, kind: 'session' })
  if (name !== 'launcher.update') return askNode(name, input)
  if (input['now'] === true) updates?.updateNow()
  return ok(updates === null ? { state: 'disabled', reason: 'notPackaged' } : noteOf(updates.state()))
}

const drainMsOf = ({ updateDeadline }: WorkerOptions): number | null => (updateDeadline === undefined ? null : updateDeadline * 60_000)

async function sayPage(options: WorkerOptions, url: string, asked: Promise<Result<JsonValue>>, terminal: Terminal): Promise<void> {
  // Logs are kept by others: what lets in does not stand there.
  if (options.logJson === true) return terminal.say(`page     ${options.uiUrl ?? url}; \`pictor status\` gives a link that lets in`)
  const link = await asked
  if (!link.ok) throw new AppErrorException(link.error)
  terminal.say(`page     open this address (it lets you in once):\n\n  ${(link.value as { link: string }).link}\n`)
}
