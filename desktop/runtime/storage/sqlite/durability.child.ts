import { writeSync } from 'node:fs'
import { fillWithDefaultSettings, type RxDocumentData } from 'rxdb'
import { getRxStorageNodeSqlite } from './index.ts'

/**
 * Run by durability.test.ts in a process of its own: writes documents to the file argv[2] until argv[3] writes are done or it is
 * killed, and says on stdout, each time only after the storage has acknowledged, up to which number all documents are written.
 */
interface Entry {
  id: string
  number: number
}
const [, , databasePath = '', writes = '0'] = process.argv

const instance = await getRxStorageNodeSqlite({ databasePath }).createStorageInstance<Entry>({
  databaseInstanceToken: 'token',
  databaseName: 'database',
  collectionName: 'entries',
  schema: fillWithDefaultSettings({
    version: 0,
    primaryKey: 'id',
    type: 'object',
    properties: { id: { type: 'string', maxLength: 20 }, number: { type: 'number' } },
    required: ['id', 'number'],
  }),
  options: {},
  multiInstance: false,
  devMode: false,
})

let [counter] = (await instance.findDocumentsById(['counter'], false)) as (RxDocumentData<Entry> | undefined)[]
for (let write = 0; write < Number(writes); write++) {
  const start = (counter?.number ?? 0) + 1
  const size = 1 + (start % 7)
  const entry = (id: string, number: number): RxDocumentData<Entry> => ({
    id,
    number,
    _deleted: false,
    _attachments: {},
    _rev: `${number}-child`,
    _meta: { lwt: Date.now() },
  })
  const next = entry('counter', start + size - 1)
  const rows = Array.from({ length: size }, (_, offset) => ({ document: entry(`e${start + offset}`, start + offset) }))
  const update = counter === undefined ? { document: next } : { document: next, previous: counter }
  const { error } = await instance.bulkWrite([...rows, update], 'child')
  if (error.length > 0) throw new Error(`refused: ${JSON.stringify(error)}`)
  counter = next
  writeSync(1, `ACK ${next.number}\n`)
}
await instance.close()
