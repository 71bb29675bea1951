import type { MangoQuery } from 'rxdb'
import type { GatewayInput } from '#shared/api/gatewayCalls.ts'
import type { CollectionName } from '#shared/collections/collections.ts'
import { retention } from '#shared/rules/retention.ts'
import type { WireDocument } from '#shared/sync/protocol.ts'
import { dashboardWindows } from '#shared/sync/windows.ts'

type Known = GatewayInput<'documents.page'>
/** The call's input without what an older or newer peer might add. */
type PageInput = Pick<Known, 'collection' | 'limit'> & Partial<Pick<Known, 'ids' | 'nodeId' | 'jobId' | 'before'>>

/** Asks the peer for documents that the page does not hold. */
export interface Older {
  /** null: there is no answer now; ask again when there is a line. */
  page(input: PageInput): Promise<{ documents: WireDocument[]; more: boolean } | null>
  /** The line is there (again). Returns its own unsubscribe. */
  onLive(listener: () => void): () => void
}

const pageRows = 1_000
/** No query is filled up beyond this: whoever wants more asks for less at a time. */
const mostRows = 20_000

/** What a query means for the peer; null: the page holds everything the query could find. */
export function olderInput(name: CollectionName, query: MangoQuery): Omit<PageInput, 'limit'> | null {
  if (dashboardWindows[name] === undefined) return null
  // Every windowed collection may be asked for.
  const collection = name as PageInput['collection']
  const { id, nodeId, jobId } = (query.selector ?? {}) as Record<string, unknown>
  if (typeof id === 'string') return { collection, ids: [id] }
  if (typeof nodeId === 'string') return { collection, nodeId }
  if (typeof jobId === 'string') return { collection, jobId }
  return query.limit !== undefined && query.limit > (dashboardWindows[name]?.newest ?? 0) ? { collection } : null
}

/** The same beside a runtime, which holds everything but what is old: only what is ever put away is asked for. */
export function archivedInput(name: CollectionName, query: MangoQuery): Omit<PageInput, 'limit'> | null {
  return retention[name] === 'kept' ? null : olderInput(name, query)
}

/**
 * Reads older documents page by page until `enough` says so or there are no more.
 * @param onPage called with each page @returns whether it came to its end; false: the line broke
 */
export async function readOlder(
  older: Older,
  input: Omit<PageInput, 'limit'>,
  enough: (read: number) => boolean,
  onPage: (documents: WireDocument[]) => void,
): Promise<boolean> {
  const window = dashboardWindows[input.collection]
  let before = input.before
  for (let read = 0; read < mostRows;) {
    const page = await older.page({ ...input, ...(before === undefined ? {} : { before }), limit: pageRows })
    if (page === null) return false
    onPage(page.documents)
    read += page.documents.length
    const last = page.documents.at(-1)
    if (!page.more || last === undefined || enough(read)) return true
    before = { at: window?.timeOf(last) ?? 0, id: last.id }
  }
  return true
}
