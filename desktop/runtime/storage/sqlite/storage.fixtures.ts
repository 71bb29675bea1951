import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  fillWithDefaultSettings,
  normalizeMangoQuery,
  now,
  prepareQuery,
  type MangoQuery,
  type PreparedQuery,
  type RxDocumentData,
  type RxJsonSchema,
} from 'rxdb'
import { onTestFinished } from 'vitest'
import { getRxStorageNodeSqlite } from './index.ts'
import type { SqliteStorageInstance } from './instance.ts'

export interface Person {
  id: string
  name: string
  age: number
  live: boolean
  deep?: { level?: string }
  note?: unknown
}

export const personSchema: RxJsonSchema<Person> = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: { type: 'string', maxLength: 40 },
    name: { type: 'string', maxLength: 40 },
    age: { type: 'number', minimum: -1000, maximum: 1000, multipleOf: 0.5 },
    live: { type: 'boolean' },
    deep: { type: 'object', properties: { level: { type: 'string', maxLength: 40 } } },
    note: {},
  },
  required: ['id', 'name', 'age', 'live'],
  indexes: ['name', 'age', ['live', 'age'], ['deep.level', 'name']],
}

export const filledSchema = (schema: RxJsonSchema<Person> = personSchema): RxJsonSchema<RxDocumentData<Person>> =>
  fillWithDefaultSettings(schema)

/** A new folder, removed with all it holds when the test has ended. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'node-sqlite-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export const temporaryDatabase = (): string => join(temporaryFolder(), 'store.sqlite')

interface Overrides {
  collectionName?: string
  databaseName?: string
  schema?: RxJsonSchema<Person>
}

export const open = (databasePath: string, overrides: Overrides = {}): Promise<SqliteStorageInstance<Person>> =>
  getRxStorageNodeSqlite({ databasePath }).createStorageInstance({ ...instanceParams(overrides), options: {} })

/** What RxDB says to a storage when it opens a collection; `options` are the storage's own. */
export const instanceParams = ({ collectionName = 'people', databaseName = 'database', schema }: Overrides = {}) => ({
  databaseInstanceToken: 'token',
  databaseName,
  collectionName,
  schema: filledSchema(schema),
  multiInstance: false,
  devMode: true,
})

/** A document as RxDB hands it to a storage; each has a later write time than the one before. */
export function person(id: string, values: Partial<RxDocumentData<Person>> = {}): RxDocumentData<Person> {
  return {
    id,
    name: `name of ${id}`,
    age: 1,
    live: true,
    _deleted: false,
    _attachments: {},
    _rev: '1-first',
    _meta: { lwt: now() },
    ...values,
  }
}

/** The next revision of a document. */
export function changed(previous: RxDocumentData<Person>, values: Partial<RxDocumentData<Person>>): RxDocumentData<Person> {
  const height = Number.parseInt(previous._rev, 10) + 1
  return { ...previous, _rev: `${height}-next`, _meta: { lwt: now() }, ...values }
}

export function prepared(query: MangoQuery<Person>, schema = filledSchema()): PreparedQuery<Person> {
  return prepareQuery(schema, normalizeMangoQuery(schema, query))
}

export const idsOf = (documents: readonly Person[]): string[] => documents.map((document) => document.id)
