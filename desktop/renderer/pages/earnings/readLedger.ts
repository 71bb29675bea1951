import type { Earning } from '#shared/collections/earning.schema.ts'
import { AppErrorException } from '#shared/errors/appError.ts'
import type { DataLink } from '../../data/dataLink.ts'
import { readDocumentPage, type PagePlace } from '../../data/documentPages.ts'
import { fitsAsked, type AskedLedger } from './ledger.ts'

export interface LedgerPage {
  /** Those that fit; fewer than were read where the peer cannot look by the filter. */
  entries: Earning[]
  /** Where the next one begins; null: this was the last. */
  next: PagePlace | null
}

/**
 * Reads entries of the ledger from the peer, newest first, whatever this page holds of it.
 * @param before null: from the newest @throws AppErrorException when the peer cannot be asked
 */
export async function readLedgerPage(call: DataLink['call'], asked: AskedLedger, before: PagePlace | null): Promise<LedgerPage> {
  const { fromMs, toMs, nodeId, jobId } = asked
  const begin = before ?? (toMs === undefined ? null : { at: toMs, id: '' })
  const scope = nodeId !== undefined ? { nodeId } : jobId !== undefined ? { jobId } : {}
  const page = await readDocumentPage(call, { collection: 'earnings', ...scope }, begin)
  if (!page.ok) throw new AppErrorException(page.error)
  const { documents, next } = page.value
  // Safe: the collection holds nothing else.
  const read = documents as unknown as Earning[]
  const isOver = next === null || next.at < (fromMs ?? 0)
  return { entries: read.filter((entry) => fitsAsked(entry, asked)), next: isOver ? null : next }
}

/** All entries that fit, page by page. @throws AppErrorException */
export async function* readLedger(call: DataLink['call'], asked: AskedLedger): AsyncGenerator<Earning[]> {
  for (let place: PagePlace | null = null; ;) {
    const page: LedgerPage = await readLedgerPage(call, asked, place)
    yield page.entries
    if (page.next === null) return
    place = page.next
  }
}
