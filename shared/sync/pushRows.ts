import { collections, type CollectionName } from '../collections/collections.ts'
import { appError } from '../errors/appError.ts'
import { jsonEquals } from '../json.ts'
import { mergeFields } from '../rules/fieldMerge.ts'
import { approximateSize } from './approximateSize.ts'
import { limits, type PushReply, type Refusal, type WireDocument } from './protocol.ts'

export type PushRow = {
  assumed: WireDocument | null
  document: WireDocument
}
export interface PushOutcome {
  /** What RxDB must take over: merged versions that were accepted, versions of the peer that win, refused documents put back. */
  takeOver: (WireDocument & { _deleted?: boolean })[]
  refused: { refusal: Refusal; document: WireDocument }[]
  /** Something was merged with what the peer had: a change that this client was told of before may be older than what stands now. */
  hasMerged: boolean
}

const roundsLimit = 5
/** Small, so that the peer is at work on one message while the next one is being made; all that are under way hold a few MiB. */
const messageRows = Math.min(400, limits.batchRows)
const messageBytes = limits.messageBytes / 32
const messagesAtOnce = 4

/**
 * Pushes rows until each is accepted, refused or lost to the peer's version. A conflict is settled here, not by RxDB, because only here a
 * refusal can be told from a conflict:
 *  - fields that merge: merge and push the merged version;
 *  - we are the one writer of the document, or the peer's version is one that we sent and whose answer was lost: push ours again on top;
 *  - otherwise the peer wins.
 * A few messages are under way at a time; a document is only ever in one of them.
 * @param rows one a document
 * @param send rejects when the peer cannot be reached; everything is then pushed again later
 * @param unanswered versions that were sent and whose fate is unknown, by document id; kept between calls
 */
export async function pushRows(
  collection: CollectionName,
  rows: PushRow[],
  send: (rows: PushRow[]) => Promise<PushReply>,
  unanswered: Map<string, WireDocument[]>,
): Promise<PushOutcome> {
  const outcome: PushOutcome = { takeOver: [], refused: [], hasMerged: false }
  const merged = new Set<string>()
  let open = rows
  for (let round = 0; open.length > 0; round++) {
    const byId = new Map(open.map((row) => [row.document.id, row]))
    const again: PushRow[] = []
    await eachAtOnce(inMessages(open), messagesAtOnce, async (batch) => {
      const tooLarge = batch.length === 1 && batch[0] !== undefined && sizeOf(batch[0]) > limits.messageBytes / 2
      const reply = tooLarge ? refuseTooLarge(collection, batch) : await sendRemembering(batch)
      const lost = new Set<string>()
      for (const refusal of reply.refusals) {
        const row = byId.get(refusal.id)
        if (row === undefined) continue
        lost.add(refusal.id)
        outcome.refused.push({ refusal, document: row.document })
        outcome.takeOver.push(refusal.current ?? { ...row.document, _deleted: true })
      }
      for (const theirs of reply.conflicts) {
        const row = byId.get(theirs.id)
        if (row === undefined) continue
        lost.add(theirs.id)
        const next = round < roundsLimit ? settle(row.document, theirs) : null
        if (next === null || jsonEquals(next, theirs)) outcome.takeOver.push(theirs)
        else {
          if (next !== row.document) merged.add(theirs.id)
          again.push({ assumed: theirs, document: next })
        }
      }
      for (const { document } of batch) {
        unanswered.delete(document.id)
        if (!merged.has(document.id) || lost.has(document.id)) continue
        outcome.takeOver.push(document)
        outcome.hasMerged = true
      }
    })
    open = again
  }
  return outcome

  function settle(ours: WireDocument, theirs: WireDocument): WireDocument | null {
    const { mergesFields, writer } = collections[collection]
    if (mergesFields) return mergeFields(ours, theirs)
    if (unanswered.get(theirs.id)?.some((sent) => jsonEquals(sent, theirs))) return ours
    if (writer === 'node' && Number(ours['updatedAt'] ?? 0) >= Number(theirs['updatedAt'] ?? 0)) return ours
    return null
  }
  async function sendRemembering(batch: PushRow[]): Promise<PushReply> {
    for (const { document } of batch) {
      const sent = unanswered.get(document.id)
      if (sent === undefined) unanswered.set(document.id, [document])
      else if (!sent.includes(document)) unanswered.set(document.id, [...sent.slice(-3), document])
    }
    return send(batch)
  }
}

function refuseTooLarge(collection: CollectionName, batch: PushRow[]): PushReply {
  const refusals = batch.map(({ assumed, document }) => ({
    id: document.id,
    error: appError('DOCUMENT_TOO_LARGE', { id: document.id, collection }),
    current: assumed,
  }))
  return { conflicts: [], refusals }
}

function* inMessages(rows: PushRow[]): Generator<PushRow[]> {
  let batch: PushRow[] = []
  let bytes = 0
  for (const row of rows) {
    const size = sizeOf(row)
    if (batch.length > 0 && (batch.length >= messageRows || bytes + size > messageBytes)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(row)
    bytes += size
  }
  if (batch.length > 0) yield batch
}

/**
 * Rejects with the first failure, when nothing is under way any more: the same rows come again, and an answer to the earlier ones would be
 * taken for theirs. What was not begun by then is not begun.
 */
async function eachAtOnce<T>(items: Iterator<T>, atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = []
  const worker = async () => {
    while (failures.length === 0) {
      const next = items.next()
      if (next.done === true) return
      await work(next.value).catch((thrown: unknown) => failures.push(thrown))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  if (failures.length > 0) throw failures[0]
}

function sizeOf(row: PushRow): number {
  return approximateSize(row.document) + (row.assumed === null ? 0 : approximateSize(row.assumed))
}
