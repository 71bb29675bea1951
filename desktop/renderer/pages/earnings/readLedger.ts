import type { Earning } from '#shared/collections/earning.schema.ts'
import { AppErrorException } from '#shared/errors/appError.ts'
import type { DataLink } from '../../data/dataLink.ts'
import { fitsAsked, type AskedLedger } from './ledger.ts'

/** Where a page begins: before this entry, in the order newest first. */
export interface LedgerPlace {
  at: number
  id: string
}
export interface LedgerPage {
  /** Those that fit; fewer than were read where the peer cannot look by the filter. */
  entries: Earning[]
  /** Where the next one begins; null: this was the last. */
  next: LedgerPlace | null
}

const pageRows = 1_000

/**
 * Reads entries of the ledger from the peer, newest first, whatever this page holds of it.
 * @param before null: from the newest @throws AppErrorException when the peer cannot be asked
 */
export async function readLedgerPage(call: DataLink['call'], asked: AskedLedger, before: LedgerPlace | null): Promise<LedgerPage> {
  const { fromMs, toMs, nodeId, jobId } = asked
  const begin = before ?? (toMs === undefined ? null : { at: toMs, id: '' })
  const reply = await call('documents.page', {
    collection: 'earnings',
    ...(nodeId !== undefined ? { nodeId } : jobId !== undefined ? { jobId } : {}),
    ...(begin === null ? {} : { before: begin }),
    limit: pageRows,
  })
  if (!reply.ok) throw new AppErrorException(reply.error)
  // Safe: the collection holds nothing else.
  const read = reply.value.documents as unknown as Earning[]
  const last = read.at(-1)
  const isOver = !reply.value.more || last === undefined || last.createdAt < (fromMs ?? 0)
  return { entries: read.filter((entry) => fitsAsked(entry, asked)), next: isOver ? null : { at: last.createdAt, id: last.id } }
}

/** All entries that fit, page by page. @throws AppErrorException */
export async function* readLedger(call: DataLink['call'], asked: AskedLedger): AsyncGenerator<Earning[]> {
  for (let place: LedgerPlace | null = null; ;) {
    const page: LedgerPage = await readLedgerPage(call, asked, place)
    yield page.entries
    if (page.next === null) return
    place = page.next
  }
}
