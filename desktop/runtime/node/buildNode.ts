import type { NodeDocument } from '#shared/collections/node.schema.ts'
import type { EffectivePause } from '../tasks/pause.ts'
import type { TaskRunner } from '../tasks/taskRunner.ts'
import type { Hold } from './holds.ts'
import type { Inventory } from './inventory.ts'
import type { Software } from './software.ts'

export interface NodeFacts {
  nodeId: string
  ownerId: string
  startedAtMs: number
  appVersion: string
  containmentLevel: string
  inventory: Inventory
  software: Software
  holds: Hold[]
  pause: EffectivePause
  generation: number
  /** What the last document said, so that a wish that is not fulfilled yet is not called done. */
  generationDone: number
  terminated: NonNullable<NodeDocument['terminated']> | null
  summary: ReturnType<TaskRunner['summary']>
  /** How far this computer's clock is off, in whole minutes; null: not enough to matter. */
  clockOffMinutes: number | null
  pausedSinceMs: number
  nowMs: number
}

/** The node's document from the facts. Pure. */
export function buildNode(facts: NodeFacts): NodeDocument {
  const { summary, pause, inventory, software } = facts
  const fulfilled = isFulfilled(pause, summary)
  return {
    id: facts.nodeId,
    ownerId: facts.ownerId,
    updatedAt: facts.nowMs,
    startedAt: facts.startedAtMs,
    appVersion: facts.appVersion,
    ...inventory,
    software: software.list().map((found) => ({ ...found })),
    activeTaskIds: summary.activeTaskIds,
    holds: [...facts.holds, ...(fulfilled ? pauseHolds(pause, facts.pausedSinceMs) : [])],
    failedChecks: failedChecks(software),
    ...(facts.terminated === null ? {} : { terminated: facts.terminated }),
    containmentLevel: facts.containmentLevel,
    generationDone: fulfilled ? facts.generation : Math.min(facts.generationDone, facts.generation),
    queuedTaskCount: summary.queuedTaskCount,
    framesWaitingToUpload: summary.framesWaitingToUpload,
    ...(facts.clockOffMinutes === null ? {} : { clockOffMinutes: facts.clockOffMinutes }),
  }
}

/** A pause is fulfilled when what it lets finish has finished. */
function isFulfilled({ kind }: EffectivePause, summary: NodeFacts['summary']): boolean {
  if (kind === 'none') return true
  if (summary.renderingTaskIds.length > 0) return false
  return kind !== 'drain' || (summary.queuedTaskCount === 0 && summary.framesWaitingToUpload === 0)
}

const pauseHolds = ({ holds }: EffectivePause, sinceMs: number): Hold[] =>
  holds.map(({ code, untilMs }) => (untilMs === undefined ? { code, since: sinceMs } : { code, since: sinceMs, until: untilMs }))

const failedChecks = (software: Software): NodeDocument['failedChecks'] =>
  software.isKnown() && software.list().length === 0 ? [{ code: 'BLENDER_NOT_FOUND', found: '-', wanted: 'Blender 2.83' }] : []
