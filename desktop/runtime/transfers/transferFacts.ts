import type { NodeDocument } from '#shared/collections/node.schema.ts'
import type { Preferences } from '#shared/collections/preferences.schema.ts'
import type { Transfers } from './transfers.ts'

const mib = 1024 * 1024

/** How the moving of files stands, for the node's document; undefined where no preference says anything about it. */
export function transferFacts(
  transfers: Pick<Transfers, 'hold' | 'used'>,
  wanted: Preferences,
  /** Server time is so much later than that of this computer. */
  offsetMs: number,
): NodeDocument['transfers'] | undefined {
  const hold = transfers.hold()
  if (hold === null && wanted.monthlyTransferMiB === undefined && wanted.networkHours === undefined) return undefined
  const { month, up, down } = transfers.used()
  const said =
    hold === null ? {} : { hold: { code: hold.code, since: Math.round(hold.sinceMs + offsetMs), ...until(hold.untilMs, offsetMs) } }
  return { ...said, month, upMiB: Math.floor(up / mib), downMiB: Math.floor(down / mib) }
}

const until = (untilMs: number | null, offsetMs: number) => (untilMs === null ? {} : { until: Math.round(untilMs + offsetMs) })
