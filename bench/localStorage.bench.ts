import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fillWithDefaultSettings, type RxDocumentData } from 'rxdb'
import { getRxStorageNodeSqlite } from '../desktop/runtime/storage/sqlite/index.ts'
import type { BenchRow } from './row.ts'

const DOCUMENTS = 10_000
/** Interleaved, so that a busy moment of the machine meets all of them; the first warms up and does not count. */
const ROUNDS = 13
/** PouchDB is slow and steady: it runs in every fourth round. */
const POUCH_EVERY = 4

interface Entry {
  id: string
  state: string
  at: number
  text: string
}
interface Pouch {
  bulkDocs(documents: object[]): Promise<unknown[]>
  close(): Promise<void>
}

/**
 * Bulk insert of 1 KB documents in one call: our RxStorage against bare `node:sqlite` in one transaction (same durability: WAL, FULL)
 * and PouchDB on LevelDB (which does not sync at all). The best round of each counts.
 */
export async function benchLocalStorage(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-storage-'))
  const rates: Record<'ours' | 'indexed' | 'bare' | 'bareRows' | 'pouch', number[]> = {
    ours: [],
    indexed: [],
    bare: [],
    bareRows: [],
    pouch: [],
  }
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const file = (name: string) => join(folder, `${name}-${round}`)
      rates.bare.push(insertBare(file('bare'), false))
      rates.ours.push(await insertOurs(file('ours'), []))
      rates.bareRows.push(insertBare(file('bare-rows'), true))
      rates.indexed.push(await insertOurs(file('indexed'), ['state', 'at']))
      if (round % POUCH_EVERY === 0) rates.pouch.push(await insertPouch(file('pouch')))
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const best = (values: number[]) => Math.max(...values.slice(1))
  const what = `local storage: bulk insert of ${DOCUMENTS} documents of 1 KB`
  const [ours, indexed] = [best(rates.ours), best(rates.indexed)]
  return [
    row(what, ours, 'bare node:sqlite, one transaction', best(rates.bare), 0.5),
    row(`${what}, two indexed fields`, indexed, 'bare node:sqlite, one transaction', best(rates.bare), 0.5),
    row(`${what}, against ready-made rows`, ours, 'bare node:sqlite without making JSON', best(rates.bareRows), 0.5),
    row(what, ours, 'PouchDB 9 on LevelDB (not synced)', best(rates.pouch), 1),
  ]
}

function row(what: string, ours: number, peer: string, peerValue: number, goal: number): BenchRow {
  const ratio = ours / peerValue
  return {
    what,
    goal: `≥ ${goal} × ${peer}`,
    ours: Math.round(ours),
    unit: 'documents/s',
    peer,
    peerValue: Math.round(peerValue),
    ratio: Math.round(ratio * 100) / 100,
    reached: ratio >= goal,
  }
}

const entries = (): Entry[] =>
  Array.from({ length: DOCUMENTS }, (_, at) => ({
    id: `entry-${String((at * 7919) % 1_000_003).padStart(8, '0')}`,
    state: 'open',
    at,
    text: 'x'.repeat(820),
  }))

const documents = (): RxDocumentData<Entry>[] =>
  entries().map((entry) => ({
    ...entry,
    _deleted: false,
    _attachments: {},
    _rev: '1-aaaaaaaaaa',
    _meta: { lwt: 1_700_000_000_000 + entry.at / 100 },
  }))

function insertBare(path: string, isReadyMade: boolean): number {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE documents (id TEXT PRIMARY KEY, json TEXT NOT NULL)')
  const insert = database.prepare('INSERT INTO documents VALUES (?, ?)')
  const inputs = documents().map((document) => ({ id: document.id, document, json: isReadyMade ? JSON.stringify(document) : undefined }))
  const started = performance.now()
  database.exec('BEGIN')
  for (const { id, document, json } of inputs) insert.run(id, json ?? JSON.stringify(document))
  database.exec('COMMIT')
  const rate = perSecond(started)
  database.close()
  return rate
}

async function insertOurs(databasePath: string, indexes: string[]): Promise<number> {
  const instance = await getRxStorageNodeSqlite({ databasePath }).createStorageInstance<Entry>({
    databaseInstanceToken: 'bench',
    databaseName: 'bench',
    collectionName: 'entries',
    schema: fillWithDefaultSettings({
      version: 0,
      primaryKey: 'id',
      type: 'object',
      properties: {
        id: { type: 'string', maxLength: 40 },
        state: { type: 'string', maxLength: 20 },
        at: { type: 'number', minimum: 0, maximum: 1e9, multipleOf: 1 },
        text: { type: 'string' },
      },
      required: ['id', 'state', 'at'],
      indexes,
    }),
    options: {},
    multiInstance: false,
    devMode: false,
  })
  const rows = documents().map((document) => ({ document }))
  const started = performance.now()
  const { error } = await instance.bulkWrite(rows, 'bench')
  const rate = perSecond(started)
  await instance.close()
  if (error.length > 0) throw new Error(`${error.length} documents were refused`)
  return rate
}

async function insertPouch(path: string): Promise<number> {
  // PouchDB brings no types and is CommonJS.
  const PouchDB = createRequire(import.meta.url)('pouchdb') as new (name: string) => Pouch
  const pouch = new PouchDB(path)
  const inputs = entries().map(({ id, ...rest }) => ({ _id: id, ...rest }))
  const started = performance.now()
  await pouch.bulkDocs(inputs)
  const rate = perSecond(started)
  await pouch.close()
  return rate
}

const perSecond = (started: number): number => DOCUMENTS / ((performance.now() - started) / 1000)
