import type { NodeLook } from '#shared/api/runtimeAsks.ts'
import { statusOf } from '#shared/rules/status.ts'
import type { OpenWorld } from './openWorld.ts'

/** The node's status as its own page shows it, and what it earned since this computer's midnight. */
export async function lookAtNode({
  world,
  database,
  serverClock,
  uplink,
}: OpenWorld): Promise<NodeLook & Record<string, string | number | boolean | null>> {
  const { nodeId } = world.identity
  const { nodes, presence, earnings } = database.collections
  const nowMs = serverClock.now()
  const [node, heard, today] = await Promise.all([
    nodes.findOne(nodeId).exec(),
    presence.findOne(nodeId).exec(),
    earnings.find({ selector: { nodeId, createdAt: { $gte: new Date(nowMs).setHours(0, 0, 0, 0) } } }).exec(),
  ])
  const status = statusOf({ node: node?.toMutableJSON() ?? null, presence: heard?.toMutableJSON() ?? null, nowMs, seenFrom: 'node' })
  const untilMs = status.details['untilMs']
  const uplinkState = uplink.status().state
  return {
    status: status.status,
    code: status.code,
    untilMs: typeof untilMs === 'number' ? untilMs : null,
    activeTasks: node?.activeTaskIds.length ?? 0,
    earnedTodayMicro: String(today.reduce((sum, { netMicro }) => sum + BigInt(netMicro), 0n)),
    lineCut: uplinkState === 'offline' || uplinkState === 'refused' || uplinkState === 'updateNeeded',
  }
}
