import { lockDataFolder, openDataFolder } from '../../launch/dataFolder.ts'
import { forkLauncher } from '../../launch/forkLauncher.ts'
import { readInstance } from '../../launch/instanceFile.ts'
import { operatorClient } from '../../launch/operator.ts'
import { superviseGateway } from '../../launch/gateway.ts'
import type { LaunchContext } from '../../launch/parts.ts'
import type { ServerClient } from '../../launch/serverClient.ts'
import { systemClock } from '../../launch/systemClock.ts'
import { terminalLogger, type Terminal } from '../console/terminal.ts'
import type { CliContext } from '../context.ts'

export interface GatewayAccess {
  operator: ServerClient
  url: string
  /** False: the gateway was started for this one command. */
  running: boolean
}

/** Uses the gateway that runs on the data folder; where none runs, starts it for as long as `use` takes. */
export async function withGateway<T>(
  dataFolder: string,
  couchUrl: string | undefined,
  context: CliContext,
  terminal: Terminal,
  use: (gateway: GatewayAccess) => Promise<T>,
): Promise<T> {
  const instance = readInstance(dataFolder)
  const data = openDataFolder(dataFolder)
  if (instance?.gatewayUrl)
    return use({ operator: operatorClient(data.gateway, instance.gatewayUrl), url: instance.gatewayUrl, running: true })
  const unlock = lockDataFolder(data.path)
  const launch: LaunchContext = {
    ...{ data, outFolder: context.outFolder, launcher: forkLauncher, log: terminalLogger(terminal), clock: systemClock },
    random: Math.random,
  }
  const gateway = superviseGateway(launch, { couchUrl: couchUrl ?? null, startOptions: () => ({ host: '127.0.0.1', port: 0 }) })
  try {
    const url = await gateway.start()
    return await use({ operator: operatorClient(data.gateway, url), url, running: false })
  } finally {
    await gateway.stop()
    unlock()
  }
}
