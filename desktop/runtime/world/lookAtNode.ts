import { createHash } from 'node:crypto'
import type { NodeLook } from '#shared/api/runtimeAsks.ts'
import { keyFingerprint } from '#shared/rules/keyFingerprint.ts'
import { statusOf } from '#shared/rules/status.ts'
import type { OpenWorld } from './openWorld.ts'
import { rxDocuments } from './rxDocuments.ts'

type Look = NodeLook & Record<string, string | number | boolean | null>

/** The node's status as its own page shows it, and what it earned since this computer's midnight. */
export async function lookAtNode({ world, database, serverClock, uplink, preferences }: OpenWorld): Promise<Look> {
  const { nodeId } = world.identity
  const { nodes, presence, earnings } = database.collections
  const nowMs = serverClock.now()
  const midnightMs = new Date(nowMs).setHours(0, 0, 0, 0)
  const [node, heard, today] = await Promise.all([
    rxDocuments(nodes).get(nodeId),
    rxDocuments(presence).get(nodeId),
    // Within the promise: what throws at once would leave the others without anybody who waits for them.
    Promise.resolve().then(() => earnings.find({ selector: { nodeId, createdAt: { $gte: midnightMs } } }).exec()),
  ])
  const { status, code, details } = statusOf({ node, presence: heard, nowMs, seenFrom: 'node' })
  const { state } = uplink.status()
  return {
    ...{ status, code },
    untilMs: typeof details['untilMs'] === 'number' ? details['untilMs'] : null,
    activeTasks: node?.activeTaskIds.length ?? 0,
    // Documents of RxDB have no fields of their own here: the schemas of the storage are loose.
    earnedTodayMicro: String(today.reduce((sum, entry) => sum + BigInt(entry.toMutableJSON().netMicro), 0n)),
    keyFingerprint: keyFingerprint(createHash('sha256').update(Buffer.from(world.identity.publicKey, 'base64url')).digest('base64')),
    watchesUser: preferences()?.idleMinutes !== undefined,
    line: state,
    lineCut: state === 'offline' || state === 'refused' || state === 'updateNeeded',
  }
}
