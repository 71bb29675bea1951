import type { WireDocument } from '../../shared/sync/protocol.ts'
import { connectTestClient, untilLive } from '../../sync-server/testing/testClient.ts'

/**
 * A process of its own that changes workers through the gateway, so many a second, until its parent ends it: what an open dashboard hears of then
 * is what it would hear of on a busy farm. Started with `{url, token, perSecond}` as its first message; tells how many it wrote.
 */
interface Wanted {
  url: string
  token: string
  perSecond: number
}
const turnMs = 100

process.once('message', (message) => void run(message as Wanted))
process.once('disconnect', () => process.exit(0))

async function run({ url, token, perSecond }: Wanted): Promise<void> {
  const client = connectTestClient(url, () => token)
  await untilLive(client)
  const workers: WireDocument[] = []
  for (let checkpoint = null as Parameters<typeof client.pull>[0]['checkpoint']; ;) {
    const reply = await client.pull({ collection: 'workers', checkpoint, limit: 2_000 })
    if (!reply.ok) throw new Error(reply.error.message)
    workers.push(...reply.value.documents)
    checkpoint = reply.value.checkpoint
    if (reply.value.documents.length < 2_000) break
  }
  process.send?.({ ready: workers.length })
  const beganAt = performance.now()
  let written = 0
  for (let round = 0; ; round += 1) {
    const due = Math.floor(((performance.now() - beganAt) / 1_000) * perSecond) - written
    const rows = Array.from({ length: Math.min(due, 500) }, (_, index) => changed(workers, written + index))
    if (rows.length > 0) {
      const reply = await client.push({ collection: 'workers', rows })
      if (!reply.ok) throw new Error(reply.error.message)
      written += rows.length
      if (round % 10 === 0) process.send?.({ written, perSecond: written / ((performance.now() - beganAt) / 1_000) })
    }
    await new Promise((resolve) => setTimeout(resolve, turnMs))
  }
}

/** The next worker with another tag, which its row shows. */
function changed(workers: WireDocument[], count: number): { assumed: WireDocument; document: WireDocument } {
  const place = count % workers.length
  const assumed = workers[place] ?? { id: '' }
  const site = Array.isArray(assumed['tags']) ? (assumed['tags'][0] ?? 'site') : 'site'
  const document = { ...assumed, updatedAt: Date.now(), tags: [site, `turn ${Math.floor(count / workers.length) + 1}`] }
  workers[place] = document
  return { assumed, document }
}
