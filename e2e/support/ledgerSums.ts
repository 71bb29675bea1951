import type { Earning } from '#shared/collections/earning.schema.ts'
import { addToTotals, noLedgerTotals, partOfEntry, type LedgerTotals } from '#shared/rules/ledgerTotals.ts'

/** The ledger's totals, added up one entry after the other: what every sum that a page shows must come to. */
export function sumEntries(entries: readonly Earning[]): LedgerTotals {
  const totals = noLedgerTotals()
  for (const entry of entries) addToTotals(totals, partOfEntry(entry))
  return totals
}
