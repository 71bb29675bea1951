import { durations } from '#shared/durations.ts'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import { lockDataFolder, openDataFolder, type DataFolder } from '../../launch/dataFolder.ts'
import { forkLauncher } from '../../launch/forkLauncher.ts'
import { startHousehold, type Household } from '../../launch/household.ts'
import { startControlServer, type ControlServer } from '../../launch/controlServer.ts'
import { removeInstance, writeInstance } from '../../launch/instanceFile.ts'
import { systemClock } from '../../launch/systemClock.ts'
import { exitCodes } from '../console/exitCodes.ts'
import { rethrowKnowing } from '../console/fullDisk.ts'
import type { CommandResult } from '../console/runCommand.ts'
import { terminalLogger, type Terminal } from '../console/terminal.ts'
import type { CliContext } from '../context.ts'
import { openDesktopApp } from '../desktopApp/openDesktopApp.ts'
import { finishDemo, submitDemo } from './demo.ts'
import { openBrowser } from './openBrowser.ts'
import { preflight } from './preflight.ts'
import { waitForStop } from './stopSignals.ts'
import type { UpOptions } from './up.command.ts'

/** Staging a scene asks Blender about it, which takes a while for large ones. */
const longAskMs = 2 * durations.inspectTimeoutMs

type RunOptions = UpOptions & { dataPath: string }

/** Starts everything, serves until told to stop (or until the demo is done), and stops everything. */
export async function runUp(options: RunOptions, context: CliContext, terminal: Terminal): Promise<CommandResult> {
  if (options.exitWhenDone === true && options.demo !== true)
    throw new AppErrorException(appError('REQUEST_INVALID', { reason: '--exit-when-done needs --demo' }))
  const wantsWindow = options.open && options.demo !== true && !terminal.json
  if (wantsWindow && openDesktopApp(context, options.dataPath, terminal)) return { value: { desktopApp: true } }

  const data = openDataFolder(options.dataPath)
  const unlock = lockDataFolder(data.path)
  try {
    const { blender } = await preflight(terminal)
    terminal.say(`data     ${data.path}`)
    if (options.demo === true && blender === null)
      throw new AppErrorException(appError('BLENDER_NOT_FOUND', { howTo: 'apt-get install blender' }))
    return await serve(options, context, data, terminal)
  } finally {
    unlock()
  }
}

async function serve(options: RunOptions, context: CliContext, data: DataFolder, terminal: Terminal): Promise<CommandResult> {
  const stop = new AbortController()
  let house: Household | null = null
  // From the first moment: Ctrl-C while starting must leave nothing behind either.
  const stopped = waitForStop(() => {
    terminal.say('stopping at once')
    house?.kill()
    process.exit(exitCodes.interrupted)
  }).then(() => stop.abort())

  const log = terminalLogger(terminal)
  const launch = { data, outFolder: context.outFolder, launcher: forkLauncher, log, clock: systemClock, random: Math.random }
  house = await startHousehold({ ...launch, pagePort: options.port, couchUrl: options.couch ?? null, signal: stop.signal }).catch(
    rethrowKnowing(data.path),
  )
  let control: ControlServer | null = null
  try {
    const node = house
    control = await startControlServer((name, input) => node.askNode(name, input, longAskMs))
    recordInstance(data, house, control)
    await sayWhere(house, options, terminal)
    if (options.demo === true && !stop.signal.aborted) {
      const jobId = await submitDemo(house)
      terminal.say(`demo     job ${jobId}`)
      if (options.exitWhenDone === true) return await finishDemo(house, jobId, data.outputs, terminal, stop.signal)
    }
    await stopped
    return { value: { stopped: true } }
  } finally {
    terminal.say('stopping …')
    removeInstance(data.path)
    await control?.stop()
    await house.stop()
    terminal.say('stopped')
  }
}

function recordInstance(data: DataFolder, house: Household, control: ControlServer): void {
  const { gatewayUrl, pageUrl, ownerId, nodeId } = house
  writeInstance(data.path, {
    ...{ kind: 'up', pid: process.pid, startedAt: Date.now(), gatewayUrl, pageUrl, ownerId, nodeId },
    ...{ processes: house.processes(), control: { url: control.url, token: control.token } },
  })
}

/** Opens the dashboard in the browser, or says where it is; the address lets in once. */
async function sayWhere(house: Household, options: RunOptions, terminal: Terminal): Promise<void> {
  const answer = await house.askNode('page.link', {})
  if (!answer.ok) throw new AppErrorException(answer.error)
  const { link } = answer.value as { link: string }
  const opened = options.open && !terminal.json && openBrowser(link)
  terminal.say(`gateway  ${house.gatewayUrl}`)
  terminal.say(
    opened ? `page     opened in the browser: ${house.pageUrl}` : `page     open this address (it lets you in once):\n\n  ${link}\n`,
  )
}
