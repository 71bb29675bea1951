import type { GatewayInput, GatewayOutput, LedgerSum } from '#shared/api/gatewayCalls.ts'
import type { CollectionName } from '#shared/collections/collections.ts'
import type { Earning } from '#shared/collections/earning.schema.ts'
import type { Rollup } from '#shared/collections/rollup.schema.ts'
import { addToTotals, noLedgerTotals, partOfEntry } from '#shared/rules/ledgerTotals.ts'
import type { WireDocument } from '#shared/sync/protocol.ts'

type All = (collection: CollectionName) => readonly WireDocument[]

/** The ledger summed as a gateway sums it: by world, state and UTC day of booking. */
export function fakeLedgerSums(all: All): GatewayOutput<'earnings.totals'> {
  const sums = new Map<string, LedgerSum>()
  // Stored documents have the shape of their collection.
  for (const entry of all('earnings') as unknown as Earning[]) {
    const { state, grossMicro, feeMicro, netMicro, createdAt } = entry
    const kind = entry.kind === 'selfRender' ? 'selfRender' : 'network'
    const day = new Date(createdAt).toISOString().slice(0, 10)
    const key = `${kind} ${state} ${day}`
    const sum = sums.get(key) ?? { kind, state, day, entries: 0, grossMicro: '0', feeMicro: '0', netMicro: '0' }
    const plus = (before: string, more: number): string => (BigInt(before) + BigInt(more)).toString()
    sums.set(key, {
      ...{ ...sum, entries: sum.entries + 1 },
      ...{ grossMicro: plus(sum.grossMicro, grossMicro), feeMicro: plus(sum.feeMicro, feeMicro), netMicro: plus(sum.netMicro, netMicro) },
    })
  }
  return { sums: [...sums.values()] }
}

/**
 * One line of totals. Of the whole farm all entries are here, and how many there are is all that a page asks; of one node they are not, so that what
 * its days say it earned stands for them.
 */
export function fakeSum(all: All, nodeId: string | null): GatewayOutput<'earnings.sums'>['groups'][number] {
  const totals = noLedgerTotals()
  for (const entry of all('earnings') as unknown as Earning[])
    if (nodeId === null || entry.nodeId === nodeId) addToTotals(totals, partOfEntry(entry))
  if (nodeId !== null)
    totals.netMicro = (all('rollups') as unknown as Rollup[])
      .filter((rollup) => rollup.nodeId === nodeId)
      .reduce((sum, { networkNetMicro }) => sum + BigInt(networkNetMicro), 0n)
  const { count, frames, grossMicro, feeMicro, netMicro, pendingMicro, finalMicro, selfRenderMicro } = totals
  return {
    ...{ key: '', name: '', count, frames, grossMicro: String(grossMicro), feeMicro: String(feeMicro), netMicro: String(netMicro) },
    ...{ pendingMicro: String(pendingMicro), finalMicro: String(finalMicro), selfRenderMicro: String(selfRenderMicro) },
  }
}

/** What each node earned and how its tasks ended, from its days. */
export function fakeFleetTotals(all: All, { fromDay, toDay }: GatewayInput<'fleet.totals'>): GatewayOutput<'fleet.totals'> {
  const nodes = new Map<string, GatewayOutput<'fleet.totals'>['nodes'][number]>()
  for (const { nodeId, day, networkNetMicro, tasksCompleted, tasksFailed } of all('rollups') as unknown as Rollup[]) {
    if (nodeId === null || day < fromDay || day >= toDay) continue
    const sum = nodes.get(nodeId) ?? { nodeId, networkNetMicro: 0, tasksCompleted: 0, tasksFailed: 0 }
    nodes.set(nodeId, {
      nodeId,
      networkNetMicro: sum.networkNetMicro + networkNetMicro,
      tasksCompleted: sum.tasksCompleted + tasksCompleted,
      tasksFailed: sum.tasksFailed + tasksFailed,
    })
  }
  return { nodes: [...nodes.values()] }
}
