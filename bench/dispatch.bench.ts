import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Result } from '#shared/result.ts'
import type { GatewayOutput } from '#shared/api/gatewayCalls.ts'
import { choiceProjector } from '../sync-server/dispatch/choiceProjector.ts'
import { chooseNext, type Asker } from '../sync-server/dispatch/choose.ts'
import { splitJob } from '../sync-server/jobs/splitJob.ts'
import { projectChunks } from '../sync-server/testing/projectChunks.ts'
import { capable, createTaskHarness, jobOf, sessionOf, tinyBlend } from '../sync-server/testing/taskHarness.ts'
import { startTestStore } from '../sync-server/testing/startTestStore.ts'
import { realClock } from '../sync-server/testing/testTools.ts'
import type { BenchRow } from './row.ts'

const choices = 2_000
const assignments = 3_000
const owners = 20

/**
 * Choosing the next chunk among many: our index against a query of the same shape as Flamenco's (joins, failures, sort over everything
 * that could run) on the same rows in the same SQLite; then whole assignments through the real store.
 */
export async function benchDispatch(options: { short?: boolean } = {}): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-dispatch-'))
  try {
    const rows: BenchRow[] = []
    for (const queued of [1_000, 10_000, 100_000]) rows.push(...choiceRows(join(folder, `choice-${queued}.sqlite`), queued))
    rows.push(...(await assignmentRows(options.short ? 10_000 : 100_000)))
    return rows
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const asker = (index: number): Asker => ({
  nodeId: `node-${index}`,
  ownerId: `owner-${index % owners}`,
  capabilities: { ...capable, bidMicroPerUnit: null },
})

function choiceRows(path: string, queued: number): BenchRow[] {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
  choiceProjector.createTables(database)
  makePeer(database)
  fill(database, queued)
  const ours = measure((turn) => chooseNext(database, asker(turn), 0, new Set()))
  const statement = database.prepare(peerQuery)
  const peer = measure((turn) => statement.get(`node-${turn}`), queued > 10_000 ? 50 : 300)
  database.close()
  const what = `choosing the next task, ${queued.toLocaleString('en')} queued`
  return [row(`${what}, p50`, '-', ours.p50, peer.p50, null), row(`${what}, p99`, '≤ 5 ms', ours.p99, peer.p99, ours.p99 <= 5)]
}

function fill(database: DatabaseSync, queued: number): void {
  database.exec('BEGIN')
  const insertJob = database.prepare('INSERT INTO peer_jobs VALUES (?, ?, ?)')
  const insertTask = database.prepare('INSERT INTO peer_tasks VALUES (?, ?, ?, ?, ?)')
  let number = 0
  for (let index = 0; index < owners; index += 1) {
    const frames = Array.from({ length: queued / owners }, (_, frame) => frame)
    const engine = ['CYCLES', 'BLENDER_EEVEE', 'BLENDER_WORKBENCH'][index % 3] ?? 'CYCLES'
    const job = jobOf({
      id: `job-${index}`,
      ownerId: `owner-${index}`,
      frames,
      chunkSize: 1,
      info: { blenderVersion: `3.${index % 5}`, engine },
    })
    insertJob.run(index, 50, 'active')
    const chunks = [...splitJob(job, { kind: 'blender', blenderVersion: job.info.blenderVersion, engine }, 1_000 + index)]
    projectChunks(choiceProjector, database, chunks)
    for (const _chunk of chunks) insertTask.run(number++, index, 50, 'queued', 'blender')
  }
  database.exec('COMMIT')
}

/** The tables and the question of a scheduler that sorts what could run: the shape of Flamenco's, in words of our own. */
function makePeer(database: DatabaseSync): void {
  database.exec(`
    CREATE TABLE peer_jobs (id INTEGER PRIMARY KEY, priority INTEGER, status TEXT);
    CREATE TABLE peer_tasks (id INTEGER PRIMARY KEY, job_id INTEGER REFERENCES peer_jobs, priority INTEGER, status TEXT, type TEXT);
    CREATE TABLE peer_dependencies (task_id INTEGER, needs_id INTEGER, PRIMARY KEY (task_id, needs_id));
    CREATE TABLE peer_failures (task_id INTEGER, worker_id TEXT, PRIMARY KEY (task_id, worker_id));
    CREATE TABLE peer_blocks (job_id INTEGER, worker_id TEXT, type TEXT, PRIMARY KEY (job_id, worker_id, type));`)
}
const peerQuery = `
  SELECT t.id FROM peer_tasks t JOIN peer_jobs j ON j.id = t.job_id
  LEFT JOIN peer_failures f ON f.task_id = t.id AND f.worker_id = ?1
  WHERE f.worker_id IS NULL AND t.status IN ('queued', 'soft-failed') AND j.status IN ('active', 'queued') AND t.type IN ('blender', 'file')
    AND t.id NOT IN (SELECT d.task_id FROM peer_dependencies d JOIN peer_tasks n ON n.id = d.needs_id WHERE n.status <> 'completed')
    AND t.type NOT IN (SELECT b.type FROM peer_blocks b WHERE b.worker_id = ?1 AND b.job_id = j.id)
  ORDER BY j.priority DESC, t.priority DESC LIMIT 1`

function measure(run: (turn: number) => unknown, count = choices): { p50: number; p99: number } {
  const times: number[] = []
  for (let turn = 0; turn < count + 20; turn += 1) {
    const started = performance.now()
    if (run(turn) === null) throw new Error('nothing was chosen')
    if (turn >= 20) times.push(performance.now() - started)
  }
  times.sort((a, b) => a - b)
  return { p50: times[Math.floor(times.length * 0.5)] ?? 0, p99: times[Math.floor(times.length * 0.99)] ?? 0 }
}

/** Jobs of that many chunks on the real store: how soon the first task is out, and how many a second after that. */
async function assignmentRows(queued: number): Promise<BenchRow[]> {
  const opened = await startTestStore()
  const gateway = createTaskHarness({ store: opened.store, projection: opened.projection, folder: opened.folder })
  await opened.store.openAll()
  await gateway.services.start()
  try {
    await gateway.putFile('owner-0', tinyBlend)
    const job = jobOf({ ownerId: 'owner-0', frames: Array.from({ length: queued }, (_, frame) => frame), chunkSize: 1 })
    const request = (index: number): Promise<Result<GatewayOutput<'work.request'>>> =>
      gateway.call(sessionOf('owner-9', `node-${index}`), 'work.request', { ...capable, bufferMs: 0, slots: 4 })
    const submitted = performance.now()
    await gateway.call(sessionOf('owner-0'), 'jobs.submit', { job })
    const firstMs = await firstTask(request, submitted)
    await gateway.services.idle()
    const splitMs = performance.now() - submitted

    let given = 0
    let node = 1
    const started = performance.now()
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        while (given < assignments) {
          const answer = await request(node++)
          if (!answer.ok || answer.value.taskIds.length === 0) throw new Error('no task was given')
          given += answer.value.taskIds.length
        }
      }),
    )
    const rate = (given * 1_000) / (performance.now() - started)
    const store = opened.embedded ? 'embedded store' : 'CouchDB'
    const what = `${queued.toLocaleString('en')} queued, ${store}`
    return [
      {
        ...row(`assignments a second, ${what}`, '≥ 100', rate, null, rate >= 100),
        unit: 'assignments/s',
        note: 'chunk swapped and task document written',
      },
      {
        ...row(`first task after submit, ${what}`, '≤ 2,000 ms', firstMs, null, firstMs <= 2_000),
        note: `all chunks written after ${Math.round(splitMs / 1_000)} s`,
      },
    ]
  } finally {
    await gateway.services.stop()
    await opened.remove()
  }
}

async function firstTask(request: (index: number) => Promise<Result<GatewayOutput<'work.request'>>>, submitted: number): Promise<number> {
  for (;;) {
    const answer = await request(0)
    if (answer.ok && answer.value.taskIds.length > 0) return performance.now() - submitted
    await new Promise<void>((resolve) => realClock.after(50, resolve))
  }
}

function row(what: string, goal: string, ours: number, peerValue: number | null, reached: boolean | null): BenchRow {
  return {
    what,
    goal,
    ours: Math.round(ours * 1_000) / 1_000,
    unit: 'ms',
    peer: peerValue === null ? '-' : 'sort over all runnable tasks (as Flamenco)',
    peerValue: peerValue === null ? null : Math.round(peerValue * 1_000) / 1_000,
    ratio: peerValue === null ? null : Math.round((ours / peerValue) * 10_000) / 10_000,
    reached,
  }
}
