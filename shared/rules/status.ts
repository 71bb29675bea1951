import type { z } from 'zod'
import type { failedCheckSchema, NodeDocument } from '../collections/node.schema.ts'
import type { Presence } from '../collections/presence.schema.ts'
import { durations } from '../durations.ts'
import type { JsonObject } from '../json.ts'

/**
 * The six statuses of a worker, in the order in which they are looked for: the first that matches wins.
 *
 *   unsupported ◄─► offline ◄─► online ◄─► processing ─► blocked ─► online
 *                                              └────────► terminated ─► online
 */
export const workerStatuses = ['unsupported', 'blocked', 'terminated', 'offline', 'processing', 'online'] as const
export type WorkerStatus = (typeof workerStatuses)[number]

export interface StatusInput {
  node: NodeDocument | null
  presence: Presence | null
  /** Server time where it is known. */
  nowMs: number
  /** `node`: its own page, where the line to the server does not decide whether it works. Default: `server`. */
  seenFrom?: 'server' | 'node'
  /** The latest end of a lease the node holds, when the caller knows it. */
  leaseUntilMs?: number | null
  /** When a lease of this node ended with frames still open and nothing was heard since. */
  leaseExpiredAtMs?: number | null
}

export interface StatusResult {
  status: WorkerStatus
  /** Stable; the sentence is found in the words by it. */
  code: string
  sinceMs: number | null
  details: JsonObject
  /** The line to the server is cut since then; set only when seen from the node itself and work goes on. */
  lineCutSinceMs: number | null
  failedChecks: z.infer<typeof failedCheckSchema>[]
}

/** Decides a worker's status. Pure: server, runtime and dashboard all call it. */
export function statusOf(input: StatusInput): StatusResult {
  const { node, presence, nowMs } = input
  const fromNode = input.seenFrom === 'node'
  const lineCutSinceMs = fromNode && presence && !presence.connected ? presence.lastHeardAt : null
  const result = (status: WorkerStatus, code: string, sinceMs: number | null, details: JsonObject = {}): StatusResult => ({
    status,
    code,
    sinceMs,
    details,
    lineCutSinceMs,
    failedChecks: node?.failedChecks ?? [],
  })

  if (!node) return result('offline', 'NEVER_STARTED', null)
  const [check] = node.failedChecks
  if (check) return result('unsupported', check.code, null, { found: check.found, wanted: check.wanted })
  if (node.blocked && nowMs < node.blocked.until)
    return result('blocked', node.blocked.code, node.blocked.since, { untilMs: node.blocked.until })
  if (node.terminated) return result('terminated', node.terminated.code, node.terminated.at)
  const heardAtMs = presence?.lastHeardAt ?? null
  if (input.leaseExpiredAtMs != null && !presence?.connected && input.leaseExpiredAtMs > (heardAtMs ?? 0))
    return result('terminated', 'LEASE_EXPIRED', input.leaseExpiredAtMs)
  if (node.stoppedAt !== undefined) return result('offline', 'QUIT', node.stoppedAt)
  if (!fromNode && !isHeard(presence, nowMs)) {
    const wasRendering = node.activeTaskIds.length > 0
    return result('offline', wasRendering ? 'NOT_HEARD_WHILE_RENDERING' : 'NOT_HEARD', heardAtMs, {
      leaseUntilMs: input.leaseUntilMs ?? null,
    })
  }
  const [hold] = node.holds
  if (hold) return result('offline', hold.code, hold.since, { ...hold.details, untilMs: hold.until ?? null })
  if (node.activeTaskIds.length > 0) return result('processing', 'RENDERING', null, { tasks: node.activeTaskIds.length })
  return result('online', 'READY', presence?.since ?? node.startedAt)
}

/**
 * A live connection counts as heard; after it broke, a node stays "heard" for 90 s so that a short cut does not flap. Heard in the future was
 * heard by a clock that was set back since, so it is not known when.
 */
export function isHeard(presence: Presence | null, nowMs: number): boolean {
  return presence !== null && (presence.connected || Math.abs(nowMs - presence.lastHeardAt) < durations.offlineAfterMs)
}

/**
 * Which status may directly follow which when one fact of the node changes. Documents are snapshots, so a reader that was away may see a
 * jump outside this table; that is no error of the data.
 */
export const statusMoves: Record<WorkerStatus, readonly WorkerStatus[]> = {
  // A failed check covers whatever else is so; mended, that shows again.
  unsupported: ['offline', 'online', 'processing', 'terminated', 'blocked'],
  // A block begins only in the middle of work, and the run is released: it never leads straight back into one.
  blocked: ['offline', 'online', 'terminated', 'unsupported'],
  // Found at a start, or after waking up, and shown for a while.
  terminated: ['offline', 'online', 'processing', 'unsupported'],
  offline: ['online', 'processing', 'terminated', 'unsupported'],
  processing: ['online', 'offline', 'blocked', 'terminated', 'unsupported'],
  online: ['processing', 'offline', 'terminated', 'unsupported'],
}

export const mayMove = (from: WorkerStatus, to: WorkerStatus): boolean => from === to || statusMoves[from].includes(to)
