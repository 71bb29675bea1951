import type { AvoidedWork, Benchmark, Block, NodeDocument, Repair } from '#shared/collections/node.schema.ts'
import { checkRequirements, type Requirements } from '#shared/rules/requirements.ts'
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
  requirements: Requirements
  holds: Hold[]
  pause: EffectivePause
  generation: number
  /** What the last document said, so that a wish that is not fulfilled yet is not called done. */
  generationDone: number
  terminated: NonNullable<NodeDocument['terminated']> | null
  summary: ReturnType<TaskRunner['summary']>
  update?: NodeDocument['update'] | null
  benchmark: Benchmark | null
  benchWork: NonNullable<NodeDocument['benchWork']> | null
  /** How far this computer's clock is off, in whole minutes; null: not enough to matter. */
  clockOffMinutes: number | null
  pausedSinceMs: number
  /** Newest first. */
  blocks: readonly Block[]
  transfers: NodeDocument['transfers'] | undefined
  workAnywayUntilMs: number | null
  powerCap: NodeDocument['powerCap'] | undefined
  connection: NonNullable<NodeDocument['connection']> | null
  repairs: readonly Repair[]
  avoided: readonly AvoidedWork[]
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
    software: [...software.list(), ...software.others()].map((found) => ({ ...found })),
    activeTaskIds: summary.activeTaskIds,
    holds: [...facts.holds, ...(fulfilled ? pauseHolds(pause, facts.pausedSinceMs) : [])],
    ...checksOf(facts),
    ...blocksOf(facts),
    ...(facts.terminated === null ? {} : { terminated: facts.terminated }),
    containmentLevel: facts.containmentLevel,
    generationDone: fulfilled ? facts.generation : Math.min(facts.generationDone, facts.generation),
    queuedTaskCount: summary.queuedTaskCount,
    framesWaitingToUpload: summary.framesWaitingToUpload,
    ...(facts.workAnywayUntilMs === null ? {} : { workAnywayUntil: Math.round(facts.workAnywayUntilMs) }),
    ...(summary.suspended === null ? {} : { suspended: summary.suspended }),
    ...(facts.powerCap === undefined ? {} : { powerCap: facts.powerCap }),
    ...(facts.connection === null ? {} : { connection: facts.connection }),
    ...(facts.transfers === undefined ? {} : { transfers: facts.transfers }),
    ...(facts.avoided.length === 0 ? {} : { avoided: facts.avoided.slice(0, 50) }),
    ...(facts.repairs.length === 0 ? {} : { repairs: [...facts.repairs] }),
    ...(facts.update == null ? {} : { update: facts.update }),
    ...(facts.benchmark === null ? {} : { benchmark: facts.benchmark }),
    ...(facts.benchWork === null ? {} : { benchWork: facts.benchWork }),
    ...(facts.clockOffMinutes === null ? {} : { clockOffMinutes: facts.clockOffMinutes }),
  }
}

/** The newest stands by itself also when it is over, so that a late notice or contest finds it. */
function blocksOf({ blocks }: NodeFacts): Pick<NodeDocument, 'blocked' | 'pastBlocks'> {
  const [blocked, ...pastBlocks] = blocks
  return { ...(blocked === undefined ? {} : { blocked }), ...(pastBlocks.length === 0 ? {} : { pastBlocks }) }
}

/** A pause is fulfilled when what it lets finish has finished. */
function isFulfilled({ kind }: EffectivePause, summary: NodeFacts['summary']): boolean {
  if (kind === 'none') return true
  if (summary.renderingTaskIds.length > 0) return false
  return kind !== 'drain' || (summary.queuedTaskCount === 0 && summary.framesWaitingToUpload === 0)
}

const pauseHolds = ({ holds }: EffectivePause, sinceMs: number): Hold[] =>
  holds.map(({ code, untilMs }) => (untilMs === undefined ? { code, since: sinceMs } : { code, since: sinceMs, until: untilMs }))

/** Before the first look at the programs nothing is known to be missing. */
function checksOf({ software, inventory, requirements }: NodeFacts): Pick<NodeDocument, 'failedChecks' | 'checks'> {
  if (!software.isKnown()) return { failedChecks: [] }
  const checks = checkRequirements(requirements, { ...inventory, software: software.list() })
  return {
    checks,
    failedChecks: checks.filter(({ state }) => state === 'fail').map(({ code, found, wanted }) => ({ code, found, wanted })),
  }
}
