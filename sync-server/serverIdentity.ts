import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { JsonObject } from '#shared/json.ts'
import { newId } from './identity/secrets.ts'
import type { DocumentStore } from './store/documentStore.ts'

interface ServerDocument extends JsonObject {
  id: string
  serverId: string
}

/** Who this server is, for nodes that signed for it: the same for every gateway on one CouchDB, and after a restore. */
export async function readServerId(store: DocumentStore): Promise<string> {
  const made = newId('server')
  const standing = await store.updatePrivate<ServerDocument>('server', 'identity', (current) =>
    current === null ? { id: 'identity', serverId: made } : null,
  )
  return standing?.serverId ?? made
}

const gatewayFile = z.looseObject({ gatewayId: z.string() })

/** Who this gateway is among several: kept in its data folder. */
export function readGatewayId(dataFolder: string): string {
  const path = join(dataFolder, 'gateway.json')
  try {
    return gatewayFile.parse(JSON.parse(readFileSync(path, 'utf8'))).gatewayId
  } catch {
    // Missing or damaged: presence written under the old name ends by its age.
    const gatewayId = newId('gateway')
    writeFileSync(path, `${JSON.stringify({ gatewayId })}\n`, { mode: 0o600 })
    return gatewayId
  }
}
