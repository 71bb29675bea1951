import type { JsonObject } from '#shared/json.ts'
import { lockDataFolder, openDataFolder } from '../../launch/dataFolder.ts'
import { forkLauncher } from '../../launch/forkLauncher.ts'
import { removeInstance, writeInstance } from '../../launch/instanceFile.ts'
import { superviseGateway } from '../../launch/gateway.ts'
import type { LaunchContext } from '../../launch/parts.ts'
import { systemClock } from '../../launch/systemClock.ts'
import { takeSecrets, tokenIn } from '../console/secrets.ts'
import { exitCodes } from '../console/exitCodes.ts'
import type { CommandResult } from '../console/runCommand.ts'
import { terminalLogger, type Terminal } from '../console/terminal.ts'
import { typedPath, type CliContext } from '../context.ts'
import { waitForStop } from '../up/stopSignals.ts'
import type { ServerOptions } from './server.command.ts'

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
  const gateway = superviseGateway(launch, { couchUrl: options.couch ?? null, startOptions: () => startOptions(options, port, secrets) })
  const stopped = waitForStop(() => {
    gateway.kill()
    process.exit(exitCodes.interrupted)
  })
  // Ctrl-C while starting: the start then ends with the process.
  void stopped.then(() => gateway.stop())
  try {
    const url = await gateway.start()
    // A restarted gateway answers at the same address.
    port = Number(new URL(url).port) || port
    writeInstance(data.path, {
      ...{ kind: 'server', pid: process.pid, startedAt: Date.now(), gatewayUrl: url, pageUrl: null, ownerId: null, nodeId: null },
      ...{ processes: gateway.processes(), control: null },
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
  const { host, couchPrefix, files, filesRegion, tlsCert, tlsKey, behindProxy, publicUrl } = options
  return {
    ...{
      host,
      port,
      couchPrefix: couchPrefix ?? null,
      behindProxy: behindProxy ?? false,
      publicUrl: publicUrl ?? null,
      metricsToken: tokenIn(secrets, 'PICTOR_METRICS_TOKEN'),
    },
    files:
      files === undefined
        ? null
        : {
            where: files.includes('://') ? files : typedPath(files),
            region: filesRegion ?? null,
            accessKeyId: secrets['PICTOR_S3_ACCESS_KEY_ID'] ?? null,
            secretAccessKey: secrets['PICTOR_S3_SECRET_ACCESS_KEY'] ?? null,
          },
    tls: tlsCert === undefined || tlsKey === undefined ? null : { certPath: typedPath(tlsCert), keyPath: typedPath(tlsKey) },
  }
}
