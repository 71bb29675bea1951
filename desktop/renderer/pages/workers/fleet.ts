import type { NodeDocument } from '#shared/collections/node.schema.ts'
import type { Presence } from '#shared/collections/presence.schema.ts'
import type { Worker } from '#shared/collections/worker.schema.ts'
import { statusOf, type StatusResult, type WorkerStatus } from '#shared/rules/status.ts'
import { attentionOrder, needsAttention } from '../../status/statusLook.ts'
import { createTally } from './tally.ts'

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

/** Statuses change by time alone (not heard for 90 s), but not at every change of a document. */
const judgedAgainMs = 5_000

/**
 * Joins the three documents of each worker. A row whose documents and status did not change is the same object as before, so that
 * only what changed is drawn again; of the others nothing is computed until time has passed.
 */
export function createFleet(): (input: FleetInput) => FleetRow[] {
  let before: FleetInput | null = null
  /** By the worker's place; null: deleted. */
  let placed: readonly (FleetRow | null)[] = []
  let rowsById = new Map<string, FleetRow>()
  let judged = { atMs: Number.NEGATIVE_INFINITY, hereId: null as string | null }
  const nodesById = createIndex<NodeDocument>()
  const presenceById = createIndex<Presence>()
  return (input) => {
    const { workers, nodes, presence, nowMs, hereId } = input
    const isJudged = nowMs >= judged.atMs && nowMs < judged.atMs + judgedAgainMs && hereId === judged.hereId
    if (!isJudged) judged = { atMs: nowMs, hereId }
    const [nodeOf, presenceOf] = [nodesById(nodes), presenceById(presence)]
    function rowOf(worker: Worker): FleetRow | null {
      if (worker.deletedAt !== undefined) return null
      const node = nodeOf.get(worker.id) ?? null
      const heard = presenceOf.get(worker.id) ?? null
      const known = rowsById.get(worker.id)
      const isSame = known !== undefined && known.worker === worker && known.node === node && known.presence === heard
      if (isSame && isJudged) return known
      const status = statusOf({ node, presence: heard, nowMs, seenFrom: worker.id === hereId ? 'node' : 'server' })
      const isUnchanged = isSame && known.status.code === status.code && known.status.status === status.status
      const row = isUnchanged ? known : makeRow(worker, node, heard, status)
      rowsById.set(worker.id, row)
      return row
    }
    // In a fleet of which nothing else changed, a worker that stands where it stood is not even looked at.
    const last = isJudged && before?.nodes === nodes && before.presence === presence ? before.workers : []
    placed = workers.map((worker, place) => (last[place] === worker ? (placed[place] ?? null) : rowOf(worker)))
    before = input
    const rows = placed.filter((row) => row !== null)
    if (rowsById.size > rows.length) rowsById = new Map(rows.map((row) => [row.id, row]))
    return rows
  }
}

/** Documents by id, made anew when there is another list of them. */
function createIndex<Of extends { id: string }>(): (documents: readonly Of[]) => ReadonlyMap<string, Of> {
  let of: readonly Of[] | null = null
  let index: ReadonlyMap<string, Of> = new Map()
  return (documents) => {
    if (documents !== of) index = new Map(documents.map((document) => [document.id, document]))
    of = documents
    return index
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

const noStatuses: StatusCounts = { unsupported: 0, blocked: 0, terminated: 0, offline: 0, processing: 0, online: 0 }

export function countStatuses(rows: readonly FleetRow[]): StatusCounts {
  const counts = { ...noStatuses }
  for (const row of rows) counts[row.status.status] += 1
  return counts
}

/** The same for a list that comes again and again. */
export function createStatusCounts(): (rows: readonly FleetRow[]) => StatusCounts {
  const tally = createTally((row: FleetRow) => [row.status.status])
  return (rows) => ({ ...noStatuses, ...Object.fromEntries(tally(rows)) })
}

/** The rows that want their owner, worst first. */
export function attentionRows(rows: readonly FleetRow[]): FleetRow[] {
  return rows
    .filter((row) => row.needsAttention)
    .sort((a, b) => attentionOrder[a.status.status] - attentionOrder[b.status.status] || a.name.localeCompare(b.name))
}
