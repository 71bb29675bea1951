import { isCollectionName, type CollectionName } from '#shared/collections/collections.ts'
import { appError } from '#shared/errors/appError.ts'
import type { Clock } from '#shared/log.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { Session } from '#shared/sync/backend.ts'
import { decidePush } from '#shared/sync/decidePush.ts'
import type { PushPayload, PushReply, WireDocument } from '#shared/sync/protocol.ts'
import type { ArchiveReader } from '../archive/archiveReader.ts'
import type { ProjectedDatabase, ProjectionStore } from '../projection/projection.ts'
import type { CouchDocumentStore, TextRow } from '../store/couchDocumentStore.ts'
import { unstorable } from './storable.ts'

type PushRow = PushPayload['rows'][number]
interface Going extends TextRow {
  row: PushRow
}

const maxRounds = 10
const partRows = 400

/**
 * At most one part's rows are decided in a turn of the event loop, whoever sent them: what was decided goes out to the store, and the store
 * is at work, while the next ones are looked at.
 */
function createTurns(): (rows: number) => Promise<void> {
  let taken = 0
  let nextTurn: Promise<void> | null = null
  return async (rows) => {
    while (nextTurn !== null && taken + rows > partRows) await nextTurn
    taken += rows
    nextTurn ??= new Promise((resolve) =>
      setImmediate(() => {
        taken = 0
        nextTurn = null
        resolve()
      }),
    )
  }
}

/** Takes in pushed rows: each is written, refused or answered with what stands; none blocks another. */
export function createPush({
  store,
  projection,
  archive,
  clock,
}: {
  store: CouchDocumentStore
  projection: ProjectionStore
  archive: Pick<ArchiveReader, 'among'>
  clock: Clock
}) {
  const turnFor = createTurns()

  /** The projection knows what stands, so nothing is read first; who wrote in between is found out by the swap. */
  function decide(
    session: Session,
    collection: CollectionName,
    standing: { rev: string; body: string } | null,
    row: PushRow,
    reclaim: boolean,
    reply: PushReply,
  ): Going | null {
    const current = standing === null ? null : (JSON.parse(standing.body) as WireDocument)
    const decision = decidePush(session, collection, row, current, { reclaim, serverNowMs: clock.now() })
    if (decision.kind === 'conflict') reply.conflicts.push(decision.current)
    if (decision.kind === 'refuse') reply.refusals.push(decision.refusal)
    if (decision.kind !== 'write') return null
    const { document } = decision
    const body = JSON.stringify(document)
    const reason = unstorable(document, body)
    if (reason === null) return { row, document, body, rev: standing?.rev ?? null }
    refuse(reply, collection, document.id, reason, current)
    return null
  }

  /** One part of a push on its way to the store; rows that lost a race come back to be decided again. */
  async function send(session: Session, database: ProjectedDatabase, going: Going[], reply: PushReply): Promise<PushRow[]> {
    // What was changed on its way in is told to its sender too, like to everybody else.
    const changed = going.filter(({ document, row }) => document !== row.document)
    const same = changed.length === 0 ? going : going.filter(({ document, row }) => document === row.document)
    const again: PushRow[] = []
    const write = async (batch: Going[], origin: object | undefined) => {
      const outcomes = await store.writeRows(database.key, batch, origin)
      outcomes.forEach((outcome, index) => {
        const sent = batch[index]
        if (outcome.written || sent === undefined) return
        if ('refused' in outcome) refuse(reply, database.key.collection, outcome.id, outcome.refused, null)
        else again.push(sent.row)
      })
    }
    await Promise.all([write(same, session), write(changed, undefined)])
    return again
  }

  /** Decides and sends in parts, one a turn. */
  async function pushOnce(
    session: Session,
    database: ProjectedDatabase,
    rows: PushRow[],
    reclaim: boolean,
    reply: PushReply,
  ): Promise<PushRow[]> {
    const ids = new Set<string>()
    const again: PushRow[] = []
    const sending: Promise<PushRow[]>[] = []
    for (let start = 0; start < rows.length; start += partRows) {
      const going: Going[] = []
      const part = rows.slice(start, start + partRows)
      await turnFor(part.length)
      const standing = projection.getMany(
        database,
        part.map(({ document }) => document.id),
      )
      const unknown = part.flatMap(({ document: { id } }) => (standing.has(id) ? [] : [id]))
      const putAway = archive.among(session.ownerId, database.key.collection, unknown)
      for (const row of part) {
        const { id } = row.document
        if (ids.has(id)) {
          again.push(row)
          continue
        }
        ids.add(id)
        // A client that was away for months must not bring back what was put away meanwhile.
        if (putAway.has(id)) {
          const error = appError('DOCUMENT_ARCHIVED', { id, collection: database.key.collection })
          reply.refusals.push({ id, error, current: null })
          continue
        }
        const decided = decide(session, database.key.collection as CollectionName, standing.get(id) ?? null, row, reclaim, reply)
        if (decided !== null) going.push(decided)
      }
      const sent = send(session, database, going, reply)
      // Thrown below; until then nobody listens, which must not count as a failure that nobody handles.
      sent.catch(() => undefined)
      sending.push(sent)
    }
    for (const lost of await Promise.all(sending)) again.push(...lost)
    return again
  }

  /** Errors: COLLECTION_UNKNOWN, SERVER_STORE_UNREACHABLE (the rows may or may not be written; the same push again is safe). */
  return async function push(session: Session, { collection, rows, reclaim }: PushPayload): Promise<Result<PushReply>> {
    if (!isCollectionName(collection)) return err(appError('COLLECTION_UNKNOWN', { collection }))
    const database = await store.open({ ownerId: session.ownerId, collection })
    const reply: PushReply = { conflicts: [], refusals: [] }
    let open: PushRow[] = rows
    for (let round = 0; open.length > 0; round += 1) {
      // Others keep winning: the client tries again.
      if (round >= maxRounds) return err(appError('BUSY'))
      open = await pushOnce(session, database, open, reclaim === true, reply)
    }
    return ok(reply)
  }
}

function refuse(reply: PushReply, collection: string, id: string, reason: string, current: WireDocument | null): void {
  reply.refusals.push({ id, error: appError('DOCUMENT_INVALID', { id, collection, reason: reason.slice(0, 300) }), current })
}
