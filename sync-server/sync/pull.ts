import type { CollectionName } from '#shared/collections/collections.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { documentVisible, mayPull } from '#shared/rules/access.ts'
import type { Session } from '#shared/sync/backend.ts'
import type { PullPayload, PullReply } from '#shared/sync/protocol.ts'
import type { ProjectedDatabase, ProjectionStore } from '../projection/projection.ts'
import type { CouchConnection } from '../store/couchConnection.ts'
import type { CouchDatabases } from '../store/couchDatabases.ts'
import type { CouchDocumentStore } from '../store/couchDocumentStore.ts'
import { changeFromCouch, isData, type ChangesPage } from '../store/couchDocuments.ts'
import { expectStatus } from '../store/expectStatus.ts'
import { readCheckpoint, toCheckpoint, type PullPosition } from './checkpoint.ts'
import { RawPullReply } from './rawReply.ts'

const pageBytes = 16 * 1024 * 1024

export interface PullParts {
  store: CouchDocumentStore
  projection: ProjectionStore
  connection: CouchConnection
  databases: CouchDatabases
  epoch: string
}

/** Answers pulls: from the change log of the projection, or, for a client that comes from elsewhere, from CouchDB's own feed. */
export function createPull({ store, projection, connection, databases, epoch }: PullParts) {
  function fromLog(database: ProjectedDatabase, after: number, limit: number, nodeId: string | null): PullReply {
    const rows = projection.changesAfter(database, after, limit, nodeId)
    const bodies: string[] = []
    let bytes = 0
    let at = after
    for (const row of rows) {
      if (bodies.length > 0 && bytes + row.body.length > pageBytes) break
      bodies.push(row.body)
      bytes += row.body.length
      at = row.ordinal
    }
    const position: PullPosition = { epoch, seq: projection.seqAt(database, at), log: projection.logId, at }
    return new RawPullReply(bodies, toCheckpoint(position), bodies.length < rows.length)
  }

  /**
   * The client's place is that of another gateway, or of a projection that was deleted. Whatever CouchDB acknowledged before the request is in
   * its answer, so a drained answer leads to the place that this log had when the request began.
   */
  async function fromCouch(database: ProjectedDatabase, seq: string, limit: number, session: Session): Promise<PullReply | null> {
    const path = databases.path(database.key)
    const at = projection.lastOrdinal()
    const answer = await connection.request({ path: `${path}/_changes`, query: { since: seq, limit, include_docs: true } })
    // A sequence that this CouchDB cannot read.
    if (answer.status === 400) return null
    const page = expectStatus<ChangesPage>(answer)
    const collection = database.key.collection as CollectionName
    const bodies: string[] = []
    for (const { id, changes, deleted, doc } of page.results) {
      if (!isData(id)) continue
      if (deleted === true) bodies.push(JSON.stringify({ id, ownerId: session.ownerId, _deleted: true }))
      else if (doc != null) {
        const { document, body } = changeFromCouch(id, changes[0]?.rev ?? '', doc)
        if (document !== null && documentVisible(session, collection, document)) bodies.push(body)
      }
    }
    const drained = page.results.length < limit && (page.pending ?? 0) === 0
    const lastSeq = String(page.last_seq)
    const position: PullPosition = drained ? { epoch, seq: lastSeq, log: projection.logId, at } : { epoch, seq: lastSeq, log: null, at: 0 }
    return new RawPullReply(bodies, toCheckpoint(position), !drained)
  }

  /** Errors: COLLECTION_UNKNOWN, NOT_ALLOWED, SERVER_STORE_UNREACHABLE. */
  return async function pull(session: Session, { collection, checkpoint, limit }: PullPayload): Promise<Result<PullReply>> {
    if (!mayPull(session, collection)) return err(appError('NOT_ALLOWED'))
    const database = await store.open({ ownerId: session.ownerId, collection })
    const from = readCheckpoint(checkpoint, epoch)
    if (from?.seq != null && from.log !== projection.logId) {
      const reply = await fromCouch(database, from.seq, limit, session)
      if (reply !== null) return ok(reply)
    }
    const after = from?.log === projection.logId ? from.at : 0
    return ok(fromLog(database, after, limit, session.isOwner ? null : session.nodeId))
  }
}
