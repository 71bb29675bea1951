import { collections, type CollectionName } from '../collections/collections.ts'
import { appError, type AppError } from '../errors/appError.ts'
import { jsonEquals } from '../json.ts'
import { documentVisible, mayWrite, type Who } from '../rules/access.ts'
import { clampStamps } from '../rules/fieldMerge.ts'
import { approximateSize } from './approximateSize.ts'
import { limits, type Refusal, type WireDocument } from './protocol.ts'

export type PushDecision =
  | { kind: 'write'; document: WireDocument }
  /** The peer has exactly this already, e.g. because the answer to an earlier push was lost. */
  | { kind: 'same' }
  | { kind: 'conflict'; current: WireDocument }
  | { kind: 'refuse'; refusal: Refusal }

export interface PushedRow {
  /** null or absent: the client believes that the peer has nothing. */
  assumed?: object | null
  document: { id: string }
}

/**
 * What a peer does with one pushed row where `current` stands (null: nothing). The one rule for gateway and runtime: access, schema, size,
 * then whether the client knew what it replaces. Neither refusal nor conflict shows a document the session may not see.
 */
export function decidePush(
  who: Who,
  collection: CollectionName,
  row: PushedRow,
  current: WireDocument | null,
  options: { reclaim: boolean; serverNowMs: number },
): PushDecision {
  const document = row.document as WireDocument
  const visible = current !== null && documentVisible(who, collection, current) ? current : null
  if (visible !== null && jsonEquals(visible, document)) return { kind: 'same' }
  const refuse = (error: AppError): PushDecision => ({ kind: 'refuse', refusal: { id: document.id, error, current: visible } })
  const allowed = mayWrite(who, collection, document, current, { reclaim: options.reclaim })
  if (!allowed.ok) return refuse(allowed.error)
  const invalid = checkDocument(collection, document)
  if (invalid !== null) return refuse(invalid)
  if (visible !== null && !jsonEquals(visible, row.assumed ?? null) && !(options.reclaim && isNewer(collection, document, visible)))
    return { kind: 'conflict', current: visible }
  const next = collections[collection].mergesFields ? clampStamps(document, visible, options.serverNowMs) : document
  return { kind: 'write', document: next }
}

/** Schema and size of a document on its way in; null when it is good. */
function checkDocument(collection: CollectionName, document: WireDocument): AppError | null {
  if (approximateSize(document) > limits.documentBytes) return appError('DOCUMENT_TOO_LARGE', { id: document.id, collection })
  const parsed = collections[collection].schema.safeParse(document)
  if (parsed.success && !('_deleted' in document)) return null
  const issue = parsed.error?.issues[0]
  const reason = issue === undefined ? '_deleted is not a field of documents' : `${issue.path.map(String).join('.')}: ${issue.message}`
  return appError('DOCUMENT_INVALID', { id: document.id, collection, reason: reason.slice(0, 300) })
}

/** After a restore one role's newer version may replace the older one that came back; fields that merge are merged instead. */
function isNewer(collection: CollectionName, document: WireDocument, current: WireDocument): boolean {
  if (collections[collection].mergesFields) return false
  return Number(document['updatedAt'] ?? 0) > Number(current['updatedAt'] ?? 0)
}
