import { sampleDocuments } from '../../sync-server/testing/sampleDocuments.ts'
import type { WireDocument } from '../../shared/sync/protocol.ts'
import { connectTestClient, untilLive } from '../../sync-server/testing/testClient.ts'

/**
 * A process of its own that plays nodes: each has its own key's session and its own live connection, and tells a change of its state now and then,
 * so many a second in all. Started with `{url, ownerId, nodes, perSecond}`; tells `{connected}` and then `{written}`.
 */
interface Wanted {
  url: string
  ownerId: string
  nodes: { nodeId: string; token: string }[]
  perSecond: number
}
/** Connections that are being made at once. */
const together = 20

process.once('message', (message) => void play(message as Wanted))
process.once('disconnect', () => process.exit(0))

async function play({ url, ownerId, nodes, perSecond }: Wanted): Promise<void> {
  const clients = nodes.map(({ nodeId, token }) => ({
    nodeId,
    token,
    standing: null as WireDocument | null,
    client: null as Client | null,
  }))
  const waiting = [...clients]
  await Promise.all(
    Array.from({ length: together }, async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const { token } = next
        next.client = connectTestClient(url, () => token)
        await untilLive(next.client)
      }
    }),
  )
  process.send?.({ connected: clients.length })
  for (let count = 0; ; count += 1) {
    const one = clients[count % clients.length]
    if (one?.client) void tell(one.client, one, ownerId, count)
    await new Promise((resolve) => setTimeout(resolve, 1_000 / perSecond))
  }
}
type Client = ReturnType<typeof connectTestClient>

async function tell(client: Client, one: { nodeId: string; standing: WireDocument | null }, ownerId: string, count: number): Promise<void> {
  const sample = sampleDocuments(ownerId, one.nodeId, 'bench').nodes as unknown as WireDocument
  const document: WireDocument = { ...sample, id: one.nodeId, updatedAt: Date.now(), queuedTaskCount: count % 7, saidAtMs: Date.now() }
  const assumed = one.standing
  one.standing = document
  const reply = await client.push({ collection: 'nodes', rows: [{ assumed, document }] })
  if (!reply.ok || reply.value.refusals.length > 0 || reply.value.conflicts.length > 0)
    process.send?.({ failed: JSON.stringify(reply).slice(0, 300) })
}
