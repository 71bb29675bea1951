import { collectionNames, collections, isCollectionName, type CollectionName } from '../collections/collections.ts'
import { appError, type AppError } from '../errors/appError.ts'
import { jsonEquals, type JsonObject } from '../json.ts'
import { err, ok, type Result } from '../result.ts'
import type { Session } from '../sync/backend.ts'

/** What access rules look at of a session. */
export type Who = Pick<Session, 'ownerId' | 'nodeId' | 'isOwner'>

/** May this session pull the collection at all? What it then sees is cut by `documentVisible`. */
export function mayPull(who: Who, collection: string): collection is CollectionName {
  if (!isCollectionName(collection)) return false
  return who.isOwner || (who.nodeId !== null && collections[collection].nodeField !== null)
}

export function pullableCollections(who: Who): CollectionName[] {
  return collectionNames.filter((name) => mayPull(who, name))
}

/** May this session ever write the collection? Clients do not push what they may not write. */
export function mayPush(who: Who, collection: string): collection is CollectionName {
  if (!isCollectionName(collection)) return false
  const { writer } = collections[collection]
  return (writer === 'owner' && who.isOwner) || (writer === 'node' && who.nodeId !== null)
}

/** Owners see all of their documents, a node those of its own; nobody sees another owner's. */
export function documentVisible(who: Who, collection: CollectionName, document: JsonObject): boolean {
  if (document['ownerId'] !== who.ownerId) return false
  return who.isOwner || isNodes(who, collection, document)
}

/**
 * May this session put `document` where `current` stands (null: nothing)? One role writes each collection; server documents are
 * written by nobody else. `reclaim`: after a restore the owner may bring back a worker that the server forgot.
 * @returns COLLECTION_UNKNOWN or DOCUMENT_FORBIDDEN as data
 */
export function mayWrite(
  who: Who,
  collection: string,
  document: JsonObject,
  current: JsonObject | null,
  options: { reclaim?: boolean } = {},
): Result<null> {
  if (!isCollectionName(collection)) return err(appError('COLLECTION_UNKNOWN', { collection }))
  // Made only when it is needed: this is asked of every document that comes in.
  const forbidden = (): Result<null, AppError> =>
    err(appError('DOCUMENT_FORBIDDEN', { id: typeof document['id'] === 'string' ? document['id'] : null, collection }))
  if (!mayPush(who, collection)) return forbidden()
  if (document['ownerId'] !== who.ownerId || (current !== null && current['ownerId'] !== who.ownerId)) return forbidden()
  switch (collections[collection].writer) {
    case 'server':
      return forbidden()
    case 'node':
      if (!isNodes(who, collection, document) || (current !== null && !isNodes(who, collection, current))) return forbidden()
      return ok(null)
    case 'owner':
      if (collection === 'profile' && document['id'] !== who.ownerId) return forbidden()
      // Workers are made by the server, with their enrolment; an owner only changes them.
      if (collection === 'workers' && current === null && options.reclaim !== true) return forbidden()
      if (collection === 'jobs' && current !== null && orderChanged(document, current)) return forbidden()
      return ok(null)
  }
}

/** What a job's price and chunks were computed from, once for all: what nodes are paid for is what was ordered. */
const orderFields = ['kind', 'createdAt', 'frames', 'chunkSize', 'scene', 'extraFiles', 'settings', 'info'] as const

function orderChanged(document: JsonObject, current: JsonObject): boolean {
  return orderFields.some((field) => !jsonEquals(document[field], current[field]))
}

function isNodes(who: Who, collection: CollectionName, document: JsonObject): boolean {
  const { nodeField } = collections[collection]
  return nodeField !== null && who.nodeId !== null && document[nodeField] === who.nodeId
}
