import type { Block } from '#shared/collections/node.schema.ts'
import type { Notice } from '#shared/collections/notice.schema.ts'
import type { JsonObject } from '#shared/json.ts'
import type { NoticeCode } from '#shared/rules/noticeCodes.ts'
import { noticeSeverities } from '#shared/rules/noticeCodes.ts'
import { factsWorthKeeping } from '../jobs/factsWorthKeeping.ts'
import type { DocumentStore } from '../store/documentStore.ts'

export interface NewNotice {
  ownerId: string
  code: NoticeCode
  /** What makes it this very event, so that telling it twice changes nothing. Letters, digits, `.`, `-`. */
  event: string
  at: number
  nodeId?: string
  jobId?: string
  taskId?: string
  details: JsonObject
}

/** Writes a notice once: its id is made of what happened. */
export async function tell(store: DocumentStore, notice: NewNotice): Promise<void> {
  await store.write(notice.ownerId, 'notices', [{ document: noticeDocument(notice), rev: null }])
}

export function noticeDocument({ event, ...rest }: NewNotice): Notice {
  return {
    ...rest,
    id: `n-${rest.code.toLowerCase().replaceAll('_', '-')}.${event}`.slice(0, 120),
    updatedAt: rest.at,
    severity: noticeSeverities[rest.code],
  }
}

/** What is wrong, as a notice carries it: code and facts for a dashboard that has words for it, and the sentence for one that has none. */
export function reasonDetails(error: { code: string; message: string; details?: unknown } | undefined): JsonObject {
  if (error === undefined) return { reason: '' }
  const { code, message } = error
  // Safe: an error inside a document or of a reply is JSON.
  const facts = factsWorthKeeping(error.details as JsonObject | undefined)
  return { reason: message, because: { code, message, ...(facts === undefined ? {} : { details: facts }) } }
}

/** What a node saw, as a notice of its block carries it: each fact for a dashboard that has words for it, and all as one text for one that has none. */
export function evidenceDetails({ evidence }: Block): JsonObject {
  if (evidence === undefined || Object.keys(evidence).length === 0) return {}
  const text = Object.entries(evidence).map(([name, value]) => `${name}: ${value}`)
  return { evidence: text.join(', ').slice(0, 1_000), seen: evidence }
}
