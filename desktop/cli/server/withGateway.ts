import { join } from 'node:path'
import { appError, AppErrorException } from '#shared/errors/appError.ts'
import type { JsonObject } from '#shared/json.ts'
import { lockDataFolder, openDataFolder } from '../../launch/dataFolder.ts'
import { forkLauncher } from '../../launch/forkLauncher.ts'
import { readInstance } from '../../launch/instanceFile.ts'
import { operatorClient } from '../../launch/operator.ts'
import { supervise, type LaunchContext } from '../../launch/parts.ts'
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
  const gateway = supervise(launch, 'gateway', () => gatewayStart(launch, { host: '127.0.0.1', port: 0, couchUrl: couchUrl ?? null }))
  try {
    const url = addressOf(await gateway.start())
    return await use({ operator: operatorClient(data.gateway, url), url, running: false })
  } finally {
    await gateway.stop()
    unlock()
  }
}

/** What the gateway's process is started with, whatever else is asked of it. */
export function gatewayStart({ data, outFolder }: LaunchContext, options: JsonObject): JsonObject {
  return {
    dataFolder: data.gateway,
    dashboardFolder: join(outFolder, 'renderer'),
    storeEntryPath: join(outFolder, 'node', 'store.js'),
    ...options,
  }
}

export function addressOf(value: JsonObject): string {
  const url = value['url']
  if (typeof url === 'string') return url.replace(/\/$/, '')
  throw new AppErrorException(appError('PROCESS_FAILED', { name: 'gateway', reason: 'it did not say its address' }))
}
