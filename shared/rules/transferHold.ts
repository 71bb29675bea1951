import type { Preferences } from '../collections/preferences.schema.ts'
import { nextMonthAt } from './calendarMonth.ts'
import { hoursNow } from './weeklyHours.ts'

export type TransferHoldCode = 'NETWORK_HOURS' | 'TRANSFER_QUOTA' | 'METERED'
export interface TransferHold {
  code: TransferHoldCode
  /** When it ends, where that is known. */
  untilMs: number | null
}

const mib = 1024 * 1024

/**
 * Whether files may travel now: inside the hours for the network, below the month's quota, not on a metered network. Pure. It stops files,
 * not work: what is here is rendered, and pictures wait. The line to the server itself stays: leases, wishes and statuses need little.
 * @param usedBytes of this calendar month of the zone, both directions together
 */
export function transferHold(
  wanted: Pick<Preferences, 'networkHours' | 'monthlyTransferMiB' | 'notOnMetered'>,
  facts: { usedBytes: number; metered: boolean },
  nowMs: number,
  zone: string,
): TransferHold | null {
  if (wanted.notOnMetered === true && facts.metered) return { code: 'METERED', untilMs: null }
  if (wanted.monthlyTransferMiB !== undefined && facts.usedBytes >= wanted.monthlyTransferMiB * mib)
    return { code: 'TRANSFER_QUOTA', untilMs: nextMonthAt(nowMs, zone) }
  if (wanted.networkHours !== undefined) {
    const { inside, untilMs } = hoursNow(wanted.networkHours, nowMs, zone)
    if (!inside) return { code: 'NETWORK_HOURS', untilMs }
  }
  return null
}
