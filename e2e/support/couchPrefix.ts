import { createHash } from 'node:crypto'

/** The CouchDB these tests run on; null: every gateway has its embedded store. */
export const couchUrl = (): string | null => process.env['COUCHDB_URL'] ?? null

const runId = Date.now().toString(36)

/** Names of the databases of one data folder: runs that share a CouchDB never meet. */
export const couchPrefixOf = (data: string): string =>
  `${process.env['PICTOR_COUCH_PREFIX'] ?? 'pictor-e2e-'}${runId}-${createHash('sha256').update(data).digest('hex').slice(0, 8)}-`

export interface CouchAddress {
  url: string
  headers: Record<string, string>
}

/** Address and credentials apart: requests with credentials in their address are refused. */
export function couchAddress(text: string): CouchAddress {
  const url = new URL(text)
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (url.username !== '')
    headers['authorization'] =
      `Basic ${Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString('base64')}`
  return { url: `${url.protocol}//${url.host}${url.pathname.replace(/\/$/, '')}`, headers }
}

/** The databases of a data folder on the shared CouchDB. */
export async function couchDatabases(data: string): Promise<string[]> {
  const given = couchUrl()
  if (given === null) return []
  const { url, headers } = couchAddress(given)
  const names = (await (await fetch(`${url}/_all_dbs`, { headers })).json()) as string[]
  return names.filter((name) => name.startsWith(couchPrefixOf(data)))
}

/** Removes what the gateway of a data folder left on the shared CouchDB. */
export async function dropCouchDatabases(data: string): Promise<void> {
  const given = couchUrl()
  if (given === null) return
  const { url, headers } = couchAddress(given)
  for (const name of await couchDatabases(data)) await fetch(`${url}/${encodeURIComponent(name)}`, { method: 'DELETE', headers })
}
