import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import PouchDB from 'pouchdb'
import { couchAddress, couchDatabases, couchUrl } from './couchPrefix.ts'
import type { Farm } from './farm.ts'

type StoredDocument = { _id: string; _rev?: string; [field: string]: unknown }
type Request = (method: string, path: string, body?: object) => Promise<unknown>

/** One database behind a gateway, changed past it as an operator with CouchDB's own tools would. */
export interface StoreDatabase {
  get(id: string): Promise<StoredDocument>
  /** A document of any kind, `_design/…` too. */
  put(document: StoredDocument): Promise<void>
  /** CouchDB's own deletion: nothing but a tombstone stays. */
  remove(id: string): Promise<void>
}

/**
 * Changes the store of a farm. A CouchDB is changed while everything runs; the embedded store belongs to its process, so the server is stopped for
 * it and started again. `name`: the end of the database's name.
 */
export async function editStore(farm: Farm, name: string, edit: (database: StoreDatabase) => Promise<void>): Promise<void> {
  if (couchUrl() !== null) return edit(await couchDatabase(farm.serverData, name))
  await farm.server.stop()
  const folder = join(farm.serverData, 'gateway', 'couch')
  const found = readdirSync(folder).find((one) => one.endsWith(name))
  if (found === undefined) throw new Error(`no database ${name}`)
  const pouch = new PouchDB(join(folder, found), { skip_setup: true }) as unknown as {
    get(id: string): Promise<StoredDocument>
    put(document: object): Promise<unknown>
    remove(document: StoredDocument): Promise<unknown>
    close(): Promise<void>
  }
  try {
    await edit({
      get: (id) => pouch.get(id),
      put: (document) => pouch.put(document).then(() => undefined),
      remove: async (id) => void (await pouch.remove(await pouch.get(id))),
    })
  } finally {
    await pouch.close()
  }
  await farm.startServer()
}

async function couchDatabase(data: string, name: string): Promise<StoreDatabase> {
  const { url, headers } = couchAddress(couchUrl() ?? '')
  const found = (await couchDatabases(data)).find((one) => one.endsWith(name))
  if (found === undefined) throw new Error(`no database ${name}`)
  const request: Request = async (method, path, body) => {
    const answer = await fetch(`${url}/${encodeURIComponent(found)}/${path}`, {
      ...{ method, headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: HTTP ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
  // A design document's id keeps its slash in a path.
  const path = (id: string) => id.split('/').map(encodeURIComponent).join('/')
  const get = async (id: string) => (await request('GET', path(id))) as StoredDocument
  return {
    get,
    put: async (document) => void (await request('PUT', path(document._id), document)),
    remove: async (id) => void (await request('DELETE', `${path(id)}?rev=${(await get(id))._rev ?? ''}`)),
  }
}
