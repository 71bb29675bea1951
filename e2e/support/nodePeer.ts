import { createSyncClient } from '#shared/sync/client.ts'
import type { CollectionName, Documents } from '#shared/collections/collections.ts'
import { collections } from '#shared/collections/collections.ts'
import { limits, protocolVersion, type Checkpoint } from '#shared/sync/protocol.ts'
import { systemClock } from '../../desktop/launch/systemClock.ts'
import { openWebSocketChannel } from '../../desktop/runtime/sync/webSocketChannel.ts'
import { quietLog } from '../../desktop/runtime/testing/quietLog.ts'
import type { Started } from './started.ts'
import { waitFor } from './waitFor.ts'

/** The documents that a node holds, read over its local page's own connection: also while the gateway is away. */
export interface NodePeer {
  documents<Name extends CollectionName>(collection: Name): Promise<Documents[Name][]>
  /** A whole series, e.g. a task's log. */
  series(name: string): Promise<string>
  close(): void
}

export async function openNodePeer(node: Started): Promise<NodePeer> {
  const link = new URL(await node.link())
  const secret = new URLSearchParams(link.hash.slice(1)).get('link')
  const signedIn = await fetch(new URL('/api/session/link', link), { method: 'POST', body: JSON.stringify({ secret }) })
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const live = new URL('/sync/live', link)
  live.protocol = 'ws:'
  live.hash = ''
  const client = createSyncClient({
    open: () => openWebSocketChannel({ url: live.href, headers: { cookie } }),
    hello: {
      ...{ clientKind: 'tool', clientVersion: String(protocolVersion) },
      schemaVersions: Object.fromEntries(Object.values(collections).map(({ name, schemaVersion }) => [name, schemaVersion])),
    },
    ...{ clock: systemClock, random: Math.random, log: quietLog },
  })
  client.start()
  await waitFor('the node’s page', () => client.state().name === 'live')
  return {
    async documents(collection) {
      const found = new Map<string, Documents[typeof collection]>()
      let checkpoint: Checkpoint | null = null
      for (;;) {
        const page = await client.pull({ collection, checkpoint, limit: limits.batchRows })
        if (!page.ok) throw new Error(`${collection}: ${page.error.message}`)
        for (const raw of page.value.documents) found.set(raw.id, collections[collection].schema.parse(raw))
        if (page.value.documents.length < limits.batchRows && page.value.more !== true) return [...found.values()]
        checkpoint = page.value.checkpoint
      }
    },
    async series(name) {
      let text = ''
      for (;;) {
        const page = await client.seriesRead({ series: name, from: Buffer.byteLength(text), limitBytes: limits.seriesChunkBytes })
        if (!page.ok) throw new Error(`${name}: ${page.error.message}`)
        text += page.value.text
        if (page.value.text === '' || Buffer.byteLength(text) >= page.value.size) return text
      }
    },
    close: () => client.stop(),
  }
}
