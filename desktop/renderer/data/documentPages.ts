import type { GatewayInput } from '#shared/api/gatewayCalls.ts'
import { ok, type Result } from '#shared/result.ts'
import type { WireDocument } from '#shared/sync/protocol.ts'
import { dashboardWindows } from '#shared/sync/windows.ts'
import type { DataLink } from './dataLink.ts'

type Asked = GatewayInput<'documents.page'>
/** Before which document a page begins, in the order newest first. */
export type PagePlace = NonNullable<Asked['before']>
export interface DocumentPage {
  documents: WireDocument[]
  /** Where the next page begins; null: this was the last. */
  next: PagePlace | null
}

/** The most the peer gives at once. */
const pageRows = 1_000

/** One page of a collection from the peer, whatever is held here. @param before null: from the newest. Errors: what the peer says. */
export async function readDocumentPage(
  call: DataLink['call'],
  asked: Pick<Asked, 'collection' | 'nodeId' | 'jobId'>,
  before: PagePlace | null,
): Promise<Result<DocumentPage>> {
  const reply = await call('documents.page', { ...asked, ...(before === null ? {} : { before }), limit: pageRows })
  if (!reply.ok) return reply
  // Safe: what a peer gives has an id, and is JSON.
  const documents = reply.value.documents as WireDocument[]
  const last = documents.at(-1)
  const next = reply.value.more && last !== undefined ? { at: dashboardWindows[asked.collection]?.timeOf(last) ?? 0, id: last.id } : null
  return ok({ documents, next })
}
