import type { JsonObject } from '#shared/json.ts'
import type { Change } from '../projection/projection.ts'
import type { CouchConnection } from './couchConnection.ts'
import { expectStatus } from './expectStatus.ts'

/** What CouchDB's `_changes` answers. */
export interface ChangesPage {
  results: { id: string; seq: string | number; changes: { rev: string }[]; deleted?: boolean; doc?: JsonObject | null }[]
  last_seq: string | number
  pending?: number
}
interface AllDocsPage {
  rows: { id?: string; key: string; error?: string; value?: { rev: string; deleted?: boolean }; doc?: JsonObject | null }[]
}

/** CouchDB's own documents: never data. */
export const isData = (id: string): boolean => !id.startsWith('_')

/** A document as CouchDB gives it, as a change: its own fields (`_id`, `_rev`, …) taken away. */
export function changeFromCouch(id: string, rev: string, stored: JsonObject): Change {
  // The order of the members stays as it was written, so that a rebuilt projection is equal to the letter.
  const members = Object.entries(stored).filter(([field]) => !field.startsWith('_'))
  const document = Object.fromEntries('id' in stored ? members : [['id', id], ...members]) as JsonObject & { id: string }
  document.id = id
  return { id, rev, document, body: JSON.stringify(document) }
}

export const deletedChange = (id: string, rev: string): Change => ({ id, rev, document: null, body: '' })

/** Reads documents as they stand now; ids that never existed are left out, deleted ones are changes without a document. */
export async function readDocuments(connection: CouchConnection, databasePath: string, ids: string[]): Promise<Change[]> {
  const changes: Change[] = []
  for (let start = 0; start < ids.length; start += 500) {
    const keys = ids.slice(start, start + 500)
    const answer = await connection.request({
      method: 'POST',
      path: `${databasePath}/_all_docs`,
      query: { include_docs: true },
      body: JSON.stringify({ keys }),
    })
    for (const { key, value, doc } of expectStatus<AllDocsPage>(answer).rows) {
      if (value === undefined) continue
      if (value.deleted === true || doc == null) changes.push(deletedChange(key, value.rev))
      else changes.push(changeFromCouch(key, value.rev, doc))
    }
  }
  return changes
}
