import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createSyncClient } from '#shared/sync/client.ts'
import { viewOf } from '../database/documents.ts'
import { getRxStorageNodeSqlite } from '../storage/sqlite/index.ts'
import { makeRun } from '../testing/documents.ts'
import { quietLog } from '../testing/quietLog.ts'
import { startRuntimeParts, type RuntimeParts } from '../testing/startRuntimeParts.ts'
import { systemClock } from '../systemClock.ts'
import { openWebSocketChannel } from './webSocketChannel.ts'

const script = fileURLToPath(new URL('../testing/gatewayProcess.ts', import.meta.url))
let folder: string
let child: ChildProcess | null = null
let parts: RuntimeParts | null = null
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pictor-killed-'))
})
afterEach(async () => {
  await parts?.stop()
  parts = null
  child?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

async function startGateway(port: number): Promise<string> {
  const started = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, String(port), join(folder, 'gateway.jsonl')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child = started
  return new Promise((resolve, reject) => {
    started.stdout.once('data', (data: Buffer) => resolve(data.toString('utf8').trim()))
    started.once('exit', (code) => reject(new Error(`the gateway ended with ${code ?? 'a signal'}`)))
  })
}
async function killGateway(): Promise<void> {
  const killed = child
  child = null
  if (killed === null) return
  const ended = new Promise((resolve) => killed.once('exit', resolve))
  killed.kill('SIGKILL')
  await ended
}
const waitFor = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 20 })

it('a gateway that is killed again and again loses nothing and doubles nothing, and the node recovers by itself', async () => {
  let url = await startGateway(0)
  const port = Number(new URL(url).port)
  const storage = getRxStorageNodeSqlite({ databasePath: join(folder, 'runtime.sqlite') })
  parts = await startRuntimeParts({ serverUrl: url, folder, storage })
  const runs = viewOf(parts.database.collections, 'runs')
  const total = 120
  for (let n = 0; n < total; n++) {
    await runs.put(makeRun(`task-${n}`, { state: 'rendering', updatedAt: n + 1 }))
    if (n % 20 === 7) {
      // In the middle of what is being sent.
      await killGateway()
      await runs.put(makeRun(`task-${n}`, { state: 'uploading', updatedAt: n + 2 }))
      url = await startGateway(port)
      parts.uplink.wake()
    }
    await runs.put(makeRun(`task-${n}`, { state: 'done', updatedAt: n + 3 }))
  }
  await waitFor(() => expect(parts?.uplink.status()).toMatchObject({ state: 'live', documentsWaiting: 0 }))
  const states = await pullStates(url)
  expect([...states.keys()].sort()).toEqual(Array.from({ length: total }, (_, n) => `task-${n}`).sort())
  expect([...new Set(states.values())]).toEqual(['done'])
  expect(parts.refused.list()).toEqual([])
})

it('a runtime that is stopped with documents waiting sends them at its next start', async () => {
  const url = await startGateway(0)
  const port = Number(new URL(url).port)
  const storage = () => getRxStorageNodeSqlite({ databasePath: join(folder, 'runtime.sqlite') })
  parts = await startRuntimeParts({ serverUrl: url, folder, storage: storage() })
  await waitFor(() => expect(parts?.uplink.status().state).toBe('live'))
  await viewOf(parts.database.collections, 'runs').put(makeRun('task-sent'))
  await waitFor(async () => expect((await pullStates(url)).size).toBe(1))
  await killGateway()
  await viewOf(parts.database.collections, 'runs').put(makeRun('task-waiting'))
  await parts.stop()
  parts = await startRuntimeParts({ serverUrl: url, folder, storage: storage() })
  expect(parts.uplink.status().documentsWaiting).toBe(1)
  await startGateway(port)
  await waitFor(async () => expect([...(await pullStates(url)).keys()].sort()).toEqual(['task-sent', 'task-waiting']))
  await waitFor(() => expect(parts?.uplink.status().documentsWaiting).toBe(0))
})

/** What the gateway has, asked by a client of its own. */
async function pullStates(url: string): Promise<Map<string, unknown>> {
  const answer = await fetch(new URL('/api/node/session', url), { method: 'POST', body: JSON.stringify({ nodeId: 'node-1' }) })
  const { token } = (await answer.json()) as { token: string }
  const client = createSyncClient({
    open: () => openWebSocketChannel({ url: `${url.replace('http', 'ws')}/sync/live`, headers: { authorization: `Bearer ${token}` } }),
    hello: { clientKind: 'tool', clientVersion: '1', schemaVersions: {} },
    clock: systemClock,
    random: Math.random,
    log: quietLog,
  })
  client.start()
  try {
    await waitFor(() => expect(client.state().name).toBe('live'))
    const reply = await client.pull({ collection: 'runs', checkpoint: null, limit: 2_000 })
    if (!reply.ok) throw new Error(reply.error.message)
    return new Map(reply.value.documents.map((document) => [document.id, document['state']]))
  } finally {
    client.stop()
  }
}
