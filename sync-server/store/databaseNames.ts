import { collectionNames, type CollectionName } from '#shared/collections/collections.ts'
import type { PrivateDatabase } from './documentStore.ts'

/** Which database a name stands for. */
export type DatabaseKey = { ownerId: string; collection: CollectionName } | { ownerId: null; collection: PrivateDatabase }

export const privateDatabases = [
  'accounts',
  'sessions',
  'keys',
  'tokens',
  'chunks',
  'files',
  'server',
  'archive',
] as const satisfies PrivateDatabase[]

export const defaultPrefix = 'pictor-'
const dashed = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/**
 * CouchDB's names: lower case, digits, `_$()+/-`, beginning with a letter. Ids may also hold `.` and `:`, written `(d)` and `(c)`.
 */
export function databaseName(prefix: string, key: DatabaseKey): string {
  if (key.ownerId === null) return `${prefix}private-${key.collection}`
  if (key.ownerId === 'private' || !/^[a-z0-9][a-z0-9_.:-]*$/.test(key.ownerId)) throw new RangeError(`not an owner id: ${key.ownerId}`)
  return `${prefix}${key.ownerId.replaceAll('.', '(d)').replaceAll(':', '(c)')}-${dashed(key.collection)}`
}

/** null: not one of ours. */
export function parseDatabaseName(prefix: string, name: string): DatabaseKey | null {
  if (!name.startsWith(prefix)) return null
  const rest = name.slice(prefix.length)
  const privateName = privateDatabases.find((database) => rest === `private-${database}`)
  if (privateName !== undefined) return { ownerId: null, collection: privateName }
  // The longest suffix first: an owner's id may itself end like a collection.
  for (const collection of collectionNames.toSorted((a, b) => b.length - a.length)) {
    const suffix = `-${dashed(collection)}`
    if (!rest.endsWith(suffix) || rest.length === suffix.length) continue
    return { ownerId: rest.slice(0, -suffix.length).replaceAll('(d)', '.').replaceAll('(c)', ':'), collection }
  }
  return null
}
