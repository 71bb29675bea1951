import type { CollectionName } from '#shared/collections/collections.ts'
import { appError } from '#shared/errors/appError.ts'
import { err, ok, type Result } from '#shared/result.ts'
import { documentVisible, mayPull } from '#shared/rules/access.ts'
import type { Session } from '#shared/sync/backend.ts'
import type { PullPayload, PullReply } from '#shared/sync/protocol.ts'
import type { ArchiveReader } from '../archive/archiveReader.ts'
import {
  isFull,
  pageCharacters,
  type PageSize,
  type PlacedRow,
  type ProjectedDatabase,
  type ProjectionStore,
} from '../projection/projection.ts'
import type { CouchConnection } from '../store/couchConnection.ts'
import type { CouchDatabases } from '../store/couchDatabases.ts'
import type { CouchDocumentStore } from '../store/couchDocumentStore.ts'
import { dashboardWindows } from '#shared/sync/windows.ts'
import { changeFromCouch, isData, type ChangesPage } from '../store/couchDocuments.ts'
import { expectStatus } from '../store/expectStatus.ts'
import { readCheckpoint, toCheckpoint, type PullPosition, type WindowPosition } from './checkpoint.ts'
import { RawPullReply } from './rawReply.ts'

export interface PullParts {
  store: CouchDocumentStore
  projection: ProjectionStore
  connection: CouchConnection
  databases: CouchDatabases
  archive: Pick<ArchiveReader, 'among'>
  epoch: string
}

/** Answers pulls: from the change log of the projection, or, for a client that comes from elsewhere, from CouchDB's own feed. */
export function createPull({ store, projection, connection, databases, archive, epoch }: PullParts) {
  function fromLog(database: ProjectedDatabase, after: number, limit: number, nodeId: string | null): PullReply {
    const rows = projection.changesAfter(database, after, sizeOf(limit), nodeId)
    const at = rows.at(-1)?.ordinal ?? after
    const position: PullPosition = { epoch, seq: projection.seqAt(database, at), log: projection.logId, at }
    const isCut = rows.length < limit && isFull(rows, sizeOf(limit))
    return new RawPullReply(
      rows.map(({ body }) => body),
      toCheckpoint(position),
      isCut,
    )
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
    const gone = page.results.flatMap(({ id, deleted }) => (deleted === true ? [id] : []))
    const putAway = archive.among(session.ownerId, collection, gone)
    const bodies: string[] = []
    for (const { id, changes, deleted, doc } of page.results) {
      if (!isData(id)) continue
      // What was put away is not told of: clients forget it by themselves.
      if (deleted === true && putAway.has(id)) continue
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

  /**
   * The window of a dashboard: what is still going on, then the newest, then the log from the place it had when this began. What changes
   * meanwhile comes twice at most.
   */
  function fromWindow(database: ProjectedDatabase, from: PullPosition, window: WindowPosition, limit: number): PullReply {
    const rows =
      window.part === 'open'
        ? projection.openPage(database, window.afterId, sizeOf(limit))
        : projection.newestPage(database, { beforeAt: window.beforeAt, beforeId: window.afterId }, sizeOf(Math.min(limit, window.left)))
    const next = { ...from, window: nextPart(window, rows, isFull(rows, sizeOf(limit))) }
    return new RawPullReply(
      rows.map(({ body }) => body),
      toCheckpoint(next),
      // After the window comes the log, which holds what changed meanwhile.
      true,
    )
  }

  /** Errors: COLLECTION_UNKNOWN, NOT_ALLOWED, SERVER_STORE_UNREACHABLE. */
  return async function pull(
    session: Session,
    { collection, checkpoint, limit, window: wantsWindow }: PullPayload,
  ): Promise<Result<PullReply>> {
    if (!mayPull(session, collection)) return err(appError('NOT_ALLOWED'))
    const database = await store.open({ ownerId: session.ownerId, collection })
    const from = readCheckpoint(checkpoint, epoch)
    const window = wantsWindow === true && session.isOwner ? dashboardWindows[collection] : undefined
    if (window !== undefined && (from === null || (from.window !== undefined && from.log === projection.logId))) {
      const at = projection.lastOrdinal()
      const begin: PullPosition = from ?? { epoch, seq: projection.seqAt(database, at), log: projection.logId, at }
      return ok(fromWindow(database, begin, from?.window ?? firstPart(window.newest), limit))
    }
    if (from?.seq != null && from.log !== projection.logId) {
      const reply = await fromCouch(database, from.seq, limit, session)
      if (reply !== null) return ok(reply)
    }
    const after = from?.log === projection.logId ? from.at : 0
    return ok(fromLog(database, after, limit, session.isOwner ? null : session.nodeId))
  }
}

const sizeOf = (rows: number): PageSize => ({ rows, characters: pageCharacters })
const firstPart = (newest: number): WindowPosition => ({ part: 'open', afterId: '', beforeAt: 0, left: newest })

/** undefined: the window is through, the log follows. */
function nextPart(window: WindowPosition, taken: readonly PlacedRow[], more: boolean): WindowPosition | undefined {
  const last = taken.at(-1)
  if (window.part === 'open')
    return more && last !== undefined
      ? { ...window, afterId: last.id }
      : { part: 'newest', afterId: '~', beforeAt: Number.MAX_SAFE_INTEGER, left: window.left }
  const left = window.left - taken.length
  return more && last !== undefined && left > 0 ? { part: 'newest', afterId: last.id, beforeAt: last.at ?? 0, left } : undefined
}
