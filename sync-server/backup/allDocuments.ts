import type { JsonObject } from '#shared/json.ts'
import type { CouchConnection } from '../store/couchConnection.ts'
import { changeFromCouch, isData } from '../store/couchDocuments.ts'
import { expectStatus } from '../store/expectStatus.ts'

const pageRows = 500

interface Page {
  rows: { id: string; value: { rev: string }; doc?: JsonObject | null }[]
}

/** Every document of a database in id order, as the JSON text it was written with. */
export async function* allDocuments(
  connection: CouchConnection,
  databasePath: string,
): AsyncGenerator<{ id: string; rev: string; body: string }> {
  for (let after: string | null = null; ;) {
    // The page's first row is the last one of the page before; `skip` would count it for us, but not after a deletion in between.
    const query: Record<string, string | number | boolean> = { include_docs: true, limit: pageRows }
    if (after !== null) query['startkey'] = after
    const { rows }: Page = expectStatus<Page>(await connection.request({ path: `${databasePath}/_all_docs`, query }))
    for (const { id, value, doc } of rows) {
      if (id === after || !isData(id) || doc == null) continue
      yield { id, rev: value.rev, body: changeFromCouch(id, value.rev, doc).body }
    }
    if (rows.length < pageRows) return
    after = rows.at(-1)?.id ?? null
  }
}
