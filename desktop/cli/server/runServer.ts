import type { JsonObject } from '#shared/json.ts'
import { lockDataFolder, openDataFolder } from '../../launch/dataFolder.ts'
import { forkLauncher } from '../../launch/forkLauncher.ts'
import { removeInstance, writeInstance } from '../../launch/instanceFile.ts'
import { supervise, type LaunchContext } from '../../launch/parts.ts'
import { systemClock } from '../../launch/systemClock.ts'
import { takeSecrets, tokenIn } from '../console/secrets.ts'
import { exitCodes } from '../console/exitCodes.ts'
import type { CommandResult } from '../console/runCommand.ts'
import { terminalLogger, type Terminal } from '../console/terminal.ts'
import { typedPath, type CliContext } from '../context.ts'
import { waitForStop } from '../up/stopSignals.ts'
import type { ServerOptions } from './server.command.ts'
import { addressOf, gatewayStart } from './withGateway.ts'

/** Serves until told to stop. */
export async function runServer(
  options: ServerOptions & { dataPath: string },
  context: CliContext,
  terminal: Terminal,
): Promise<CommandResult> {
  const secrets = takeSecrets(process.env)
  const data = openDataFolder(options.dataPath)
  const unlock = lockDataFolder(data.path)
  const launch: LaunchContext = {
    ...{ data, outFolder: context.outFolder, launcher: forkLauncher, log: terminalLogger(terminal), clock: systemClock },
    random: Math.random,
  }
  let port = options.port
  const gateway = supervise(launch, 'gateway', () => gatewayStart(launch, startOptions(options, port, secrets)))
  const stopped = waitForStop(() => {
    gateway.kill()
    process.exit(exitCodes.interrupted)
  })
  // Ctrl-C while starting: the start then ends with the process.
  void stopped.then(() => gateway.stop())
  try {
    const url = addressOf(await gateway.start())
    // A restarted gateway answers at the same address.
    port = Number(new URL(url).port) || port
    writeInstance(data.path, {
      ...{ kind: 'server', pid: process.pid, startedAt: Date.now(), gatewayUrl: url, pageUrl: null, ownerId: null, nodeId: null },
      ...{ processes: gateway.pid === undefined ? {} : { gateway: gateway.pid }, control: null },
    })
    terminal.say(`server   ${url}`)
    terminal.say(`data     ${data.path}`)
    terminal.say('owners   add one with: pictor server owner add NAME')
    await stopped
    return { value: { stopped: true } }
  } finally {
    removeInstance(data.path)
    await gateway.stop()
    unlock()
    terminal.say('stopped')
  }
}

function startOptions(options: ServerOptions, port: number, secrets: Readonly<Record<string, string>>): JsonObject {
  const { host, couch, couchPrefix, tlsCert, tlsKey, behindProxy, publicUrl } = options
  return {
    ...{
      host,
      port,
      couchUrl: couch ?? null,
      couchPrefix: couchPrefix ?? null,
      behindProxy: behindProxy ?? false,
      publicUrl: publicUrl ?? null,
      metricsToken: tokenIn(secrets, 'PICTOR_METRICS_TOKEN'),
    },
    tls: tlsCert === undefined || tlsKey === undefined ? null : { certPath: typedPath(tlsCert), keyPath: typedPath(tlsKey) },
  }
}
