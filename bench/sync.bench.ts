import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRxDatabase, type RxCollection } from 'rxdb'
import { replicateRxCollection } from 'rxdb/plugins/replication'
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory'
import { Subject } from 'rxjs'
import { storageSchema } from '../shared/collections/storageSchema.ts'
import type { WireDocument } from '../shared/sync/protocol.ts'
import type { SyncClient } from '../shared/sync/client.ts'
import { createReplicationHandlers } from '../shared/sync/replication.ts'
import { sampleRun } from '../sync-server/testing/sampleRun.ts'
import { startGatewayProcess } from '../sync-server/testing/startGatewayProcess.ts'
import { forkStore } from '../sync-server/testing/forkStore.ts'
import { connectTestClient, untilLive } from '../sync-server/testing/testClient.ts'
import { compareInTurns } from './median.ts'
import type { BenchRow } from './row.ts'

const DOCUMENTS = 10_000
/** In turns, so that a busy moment of the machine meets both; the first warms up and does not count. */
const ROUNDS = 6

interface Rates {
  push: number[]
  pull: number[]
}

/**
 * First sync of 10,000 documents of 0.8 KB: RxDB (memory) over our protocol with a gateway on the embedded store, against PouchDB (LevelDB)
 * replicating with an embedded store of its own. Server and client are processes of their own in both. The middle round counts.
 */
export async function benchSync(): Promise<BenchRow[]> {
  const ours: Rates = { push: [], pull: [] }
  const pouch: Rates = { push: [], pull: [] }
  for (let round = 0; round < ROUNDS; round += 1) {
    await measureOurs(ours)
    await measurePouch(pouch)
  }
  return [
    row('first sync: pull 10,000 documents of 0.8 KB', '≥ 2 × PouchDB replication', ours.pull, pouch.pull, 2),
    row('first sync: push 10,000 documents of 0.8 KB', '≥ 1.5 × PouchDB replication', ours.push, pouch.push, 1.5),
  ]
}

async function measureOurs(rates: Rates): Promise<void> {
  const gateway = await startGatewayProcess()
  try {
    const { ownerId, token } = await gateway.addOwner('bench')
    const node = await gateway.enrolNode(ownerId, 'bench')
    const session = await node.signIn()
    const source = await memoryCollection('source')
    await source.bulkInsert(documents(ownerId, node.nodeId))
    rates.push.push(await rateOf(gateway.url, session.body.token, (client) => replicate(source, client, 'push')))
    const target = await memoryCollection('target')
    rates.pull.push(await rateOf(gateway.url, token, (client) => replicate(target, client, 'pull')))
    const arrived = await target.count().exec()
    if (arrived !== DOCUMENTS) throw new Error(`${arrived} documents arrived`)
    await source.database.close()
    await target.database.close()
  } finally {
    await gateway.remove()
  }
}

async function rateOf(url: string, token: string, run: (client: SyncClient) => Promise<void>): Promise<number> {
  const client = connectTestClient(url, () => token)
  await untilLive(client)
  const startMs = performance.now()
  await run(client)
  const rate = (DOCUMENTS / (performance.now() - startMs)) * 1_000
  client.stop()
  return rate
}

async function replicate(collection: RxCollection<WireDocument>, client: SyncClient, direction: 'push' | 'pull'): Promise<void> {
  const handlers = createReplicationHandlers({
    client,
    collection: 'runs',
    onRefusal: (refusal) => {
      throw new Error(refusal.error.message)
    },
  })
  const state = replicateRxCollection({
    replicationIdentifier: `bench-${direction}`,
    collection,
    live: false,
    waitForLeadership: false,
    // Safe: the handlers are made for this very function; RxDB types `_deleted` as always there.
    ...(direction === 'push' ? { push: handlers.push as never } : { pull: { ...handlers.pull, stream$: new Subject() } as never }),
  })
  const failed = new Promise<never>((_resolve, reject) => state.error$.subscribe(reject))
  await Promise.race([state.awaitInitialReplication(), failed])
  handlers.close()
}

async function memoryCollection(name: string): Promise<RxCollection<WireDocument>> {
  const database = await createRxDatabase({ name: `${name}-${performance.now()}`, storage: getRxStorageMemory() })
  const { runs } = await database.addCollections({ runs: { schema: storageSchema('runs') as never } })
  if (runs === undefined) throw new Error('no collection')
  return runs
}

interface Pouch {
  bulkDocs(documents: object[]): Promise<unknown>
  info(): Promise<{ doc_count: number }>
  close(): Promise<void>
}
interface PouchStatic {
  new (name: string, options?: object): Pouch
  replicate(source: Pouch, target: Pouch, options?: object): Promise<{ docs_written: number }>
}

async function measurePouch(rates: Rates): Promise<void> {
  const PouchDB = createRequire(import.meta.url)('pouchdb') as PouchStatic
  const folder = mkdtempSync(join(tmpdir(), 'bench-pouch-'))
  const store = await forkStore(join(folder, 'store'))
  try {
    const { url, authorization } = store.target() ?? { url: '', authorization: '' }
    const [user, password] = Buffer.from((authorization ?? '').slice(6), 'base64')
      .toString('utf8')
      .split(':')
    const remote = () => new PouchDB(`${url}/bench`, { auth: { username: user, password } })
    const source = new PouchDB(join(folder, 'source'))
    await source.bulkDocs(documents('bench', 'bench').map((document) => ({ _id: document.id, ...document })))
    // `batch_size` as large as ours: its default of 100 would be slower.
    rates.push.push(await pouchRate(() => PouchDB.replicate(source, remote(), { batch_size: 1_000 })))
    const target = new PouchDB(join(folder, 'target'))
    rates.pull.push(await pouchRate(() => PouchDB.replicate(remote(), target, { batch_size: 1_000 })))
    if ((await target.info()).doc_count !== DOCUMENTS) throw new Error('PouchDB did not bring all documents')
    await source.close()
    await target.close()
  } finally {
    await store.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function pouchRate(run: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await run()
  return (DOCUMENTS / (performance.now() - startMs)) * 1_000
}

const documents = (ownerId: string, nodeId: string) =>
  Array.from({ length: DOCUMENTS }, (_, index) => sampleRun(ownerId, nodeId, index) as unknown as WireDocument)

function row(what: string, goal: string, ours: number[], peer: number[], wanted: number): BenchRow {
  const middle = compareInTurns(ours.slice(1), peer.slice(1))
  return {
    ...{ what, goal, ours: Math.round(middle.ours), unit: 'documents/s' },
    ...{ peer: 'PouchDB 9 replication', peerValue: Math.round(middle.peer), ratio: middle.ratio, reached: middle.ratio >= wanted },
  }
}
