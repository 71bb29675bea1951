import { ok } from '#shared/result.ts'
import { archiveFacts } from './archive/archiveProjector.ts'
import type { CallHandlers } from './calls/callHandlers.ts'
import type { GatewayContext } from './gatewayContext.ts'
import type { Accounts } from './identity/accounts.ts'

export interface StatusParts {
  context: GatewayContext
  server: { version: string; epoch: string }
  storeDescription: string
  accounts: Accounts
}

/** How the server is, in numbers. */
export function serverStatusCall({ context, server, storeDescription, accounts }: StatusParts): CallHandlers {
  return {
    'server.status': async () => {
      const connected = new Set(context.connections.list().flatMap(({ session }) => (session.nodeId === null ? [] : [session.nodeId])))
      return ok({
        version: server.version,
        store: storeDescription,
        owners: (await accounts.list()).length,
        nodesConnected: connected.size,
        chunksOpen: countOpenChunks(context),
        archive: { ...archiveFacts(context.projection.database) },
        epoch: server.epoch,
      })
    },
  }
}

/** Waiting for a node, or with one. */
export function countOpenChunks({ projection }: GatewayContext): number {
  const row = projection.database
    .prepare("SELECT (SELECT count(*) FROM choice) + (SELECT count(DISTINCT chunk_id) FROM attempts WHERE state = 'open') AS open")
    .get()
  return Number(row?.['open'] ?? 0)
}
