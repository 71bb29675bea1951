import type { NodeDocument } from '#shared/collections/node.schema.ts'
import type { Presence } from '#shared/collections/presence.schema.ts'
import type { Worker } from '#shared/collections/worker.schema.ts'
import { statusOf, type StatusResult, type WorkerStatus } from '#shared/rules/status.ts'
import { attentionOrder, needsAttention } from '../../status/statusLook.ts'

/** One worker as its owner sees it: what is wanted of it, what it says of itself, whether it is heard. */
export interface FleetRow {
  id: string
  name: string
  worker: Worker
  node: NodeDocument | null
  presence: Presence | null
  status: StatusResult
  needsAttention: boolean
  /** When it was last heard from in any way; null: never. */
  updatedAt: number | null
  /** What is searched: name, tags, GPUs, id, in lower case. */
  haystack: string
}

export interface FleetInput {
  workers: readonly Worker[]
  nodes: readonly NodeDocument[]
  presence: readonly Presence[]
  nowMs: number
  /** The node this page is served by: its own line to the server does not decide whether it works. */
  hereId: string | null
}

/**
 * Joins the three documents of each worker. A row whose documents and status did not change is the same object as before, so that
 * only what changed is drawn again.
 */
export function createFleet(): (input: FleetInput) => FleetRow[] {
  let before = new Map<string, FleetRow>()
  return ({ workers, nodes, presence, nowMs, hereId }) => {
    const nodeById = new Map(nodes.map((node) => [node.id, node]))
    const presenceById = new Map(presence.map((entry) => [entry.id, entry]))
    const next = new Map<string, FleetRow>()
    for (const worker of workers) {
      if (worker.deletedAt !== undefined) continue
      const node = nodeById.get(worker.id) ?? null
      const heard = presenceById.get(worker.id) ?? null
      const status = statusOf({ node, presence: heard, nowMs, seenFrom: worker.id === hereId ? 'node' : 'server' })
      const known = before.get(worker.id)
      next.set(
        worker.id,
        known &&
          known.worker === worker &&
          known.node === node &&
          known.presence === heard &&
          known.status.code === status.code &&
          known.status.status === status.status
          ? known
          : makeRow(worker, node, heard, status),
      )
    }
    before = next
    return [...next.values()]
  }
}

function makeRow(worker: Worker, node: NodeDocument | null, presence: Presence | null, status: StatusResult): FleetRow {
  const gpus = node?.hardware.gpus.map((gpu) => gpu.name) ?? []
  return {
    id: worker.id,
    name: worker.name,
    worker,
    node,
    presence,
    status,
    needsAttention: needsAttention(status.status, status.code),
    updatedAt: lastHeard(node, presence),
    haystack: [worker.name, ...worker.tags, ...gpus, worker.id].join('\n').toLowerCase(),
  }
}

function lastHeard(node: NodeDocument | null, presence: Presence | null): number | null {
  const times = [node?.updatedAt, presence?.lastHeardAt].filter((time) => time !== undefined)
  return times.length > 0 ? Math.max(...times) : null
}

export type StatusCounts = Record<WorkerStatus, number>

export function countStatuses(rows: readonly FleetRow[]): StatusCounts {
  const counts: StatusCounts = { unsupported: 0, blocked: 0, terminated: 0, offline: 0, processing: 0, online: 0 }
  for (const row of rows) counts[row.status.status] += 1
  return counts
}

/** The rows that want their owner, worst first. */
export function attentionRows(rows: readonly FleetRow[]): FleetRow[] {
  return rows
    .filter((row) => row.needsAttention)
    .sort((a, b) => attentionOrder[a.status.status] - attentionOrder[b.status.status] || a.name.localeCompare(b.name))
}
