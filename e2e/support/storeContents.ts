import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import PouchDB from 'pouchdb'
import type { Earning } from '#shared/collections/earning.schema.ts'
import type { Job, JobState } from '#shared/collections/job.schema.ts'
import type { Run } from '#shared/collections/run.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import type { Worker } from '#shared/collections/worker.schema.ts'
import type { Chunk } from '../../sync-server/jobs/chunk.ts'
import { couchAddress, couchDatabases, couchUrl } from './couchPrefix.ts'

/** Everything the databases of one gateway hold, read from the store itself and not through the gateway. */
export interface StoreContents {
  chunks: Chunk[]
  earnings: Earning[]
  tasks: Task[]
  runs: Run[]
  jobs: Job[]
  jobStates: JobState[]
  workers: Worker[]
}

/**
 * Reads the store of a data folder: a CouchDB over HTTP at any time; the embedded store's files, which belong to nobody only when its
 * processes have ended.
 */
export async function readStoreContents(data: string): Promise<StoreContents> {
  const all = couchUrl() === null ? await readEmbedded(join(data, 'gateway', 'couch')) : await readCouch(data)
  const of = <T>(suffix: string): T[] =>
    all.filter(({ database }) => database.endsWith(suffix)).flatMap(({ documents }) => documents as T[])
  return {
    chunks: of('-private-chunks'),
    earnings: of('-earnings'),
    tasks: of('-tasks'),
    runs: of('-runs'),
    jobs: of('-jobs'),
    jobStates: of('-job-states'),
    workers: of('-workers'),
  }
}

interface Database {
  database: string
  documents: unknown[]
}

async function readEmbedded(folder: string): Promise<Database[]> {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && /-/.test(entry.name))
  return Promise.all(
    names.map(async ({ name }) => {
      const database = new PouchDB(join(folder, name), { skip_setup: true })
      const { rows } = await database.allDocs({ include_docs: true })
      await database.close()
      return { database: name, documents: rows.flatMap(({ id, doc }) => (id.startsWith('_') ? [] : [fromCouch(doc)])) }
    }),
  )
}

async function readCouch(data: string): Promise<Database[]> {
  const { url, headers } = couchAddress(couchUrl() ?? '')
  return Promise.all(
    (await couchDatabases(data)).map(async (name) => {
      const answer = await fetch(`${url}/${encodeURIComponent(name)}/_all_docs?include_docs=true`, { headers })
      const { rows } = (await answer.json()) as { rows: { id: string; doc?: Record<string, unknown> }[] }
      return { database: name, documents: rows.flatMap(({ id, doc }) => (id.startsWith('_') ? [] : [fromCouch(doc)])) }
    }),
  )
}

const fromCouch = (document: Record<string, unknown> = {}) => ({ ...document, id: document['_id'] })
