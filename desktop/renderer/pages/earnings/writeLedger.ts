import type { Earning } from '#shared/collections/earning.schema.ts'
import { addToTotals, noLedgerTotals, partOfEntry } from '#shared/rules/ledgerTotals.ts'
import type { LedgerCover, LedgerFile } from './ledgerFiles.ts'

/**
 * Writes entries into a file as they come. Each page becomes a blob of its own, which the browser may keep on disk.
 * @param isOver asked after each page; true ends it @returns null when it was ended
 */
export async function writeLedger(
  file: LedgerFile,
  pages: AsyncIterable<readonly Earning[]> | Iterable<readonly Earning[]>,
  { complete, onProgress, isOver }: { complete: boolean; onProgress: (entries: number) => void; isOver: () => boolean },
): Promise<{ blob: Blob; covers: LedgerCover } | null> {
  const covers: LedgerCover = { entries: 0, complete, totals: noLedgerTotals() }
  const parts: BlobPart[] = [file.head]
  for await (const entries of pages) {
    if (isOver()) return null
    for (const entry of entries) addToTotals(covers.totals, partOfEntry(entry))
    covers.entries += entries.length
    parts.push(new Blob([file.page(entries)]))
    onProgress(covers.entries)
  }
  if (isOver()) return null
  parts.push(file.tail(covers))
  return { blob: new Blob(parts, { type: file.type }), covers }
}
