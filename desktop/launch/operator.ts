import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { serverClient, type ServerClient } from './serverClient.ts'

/**
 * The gateway of a data folder, as its operator: whoever may read `operator.token` (mode 0600, new at each start) may command it.
 * Throws when the file is not there: no gateway ever ran on this folder.
 */
export function operatorClient(gatewayFolder: string, gatewayUrl: string): ServerClient {
  return serverClient(gatewayUrl, readFileSync(join(gatewayFolder, 'operator.token'), 'utf8').trim())
}
