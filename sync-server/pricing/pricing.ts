import type { DatabaseSync } from 'node:sqlite'
import type { NodeDocument } from '#shared/collections/node.schema.ts'
import { averageBid, boundedBid } from '#shared/rules/bids.ts'
import { quotePerFrame } from '#shared/rules/quote.ts'
import { reliabilityOf, reliableSince } from '#shared/rules/reliability.ts'
import { boundedScores, unknownScore } from '#shared/rules/scoreBounds.ts'
import { pricedMilliUnits, type OwnersMeasure } from '#shared/rules/workMeasure.ts'
import type { Clock } from '#shared/log.ts'
import type { Chunk } from '../jobs/chunk.ts'
import { outcomesSince } from '../rollups/rollupProjector.ts'
import { bidsByOwner } from './bidProjector.ts'
import { measuresOf } from './frameWorkProjector.ts'

/** What was looked up is believed for this long; it moves slowly and is asked for at every assignment. */
const keptMs = 10_000
const averageKeptMs = 60_000
const entriesKept = 5_000

export interface NodeTerms {
  nodeOwnerId: string
  /** null: asks the average. */
  bidMicroPerUnit: number | null
  /** The score that its render times are weighed with. */
  score: number
}

export interface Pricing {
  averageMicroPerUnit(): number
  /** How many owners have a voice in the average. */
  owners(): number
  /** 0..1 */
  reliabilityOf(nodeId: string): number
  /** What a frame of the chunk pays a node of that owner, and the score its times count with. Own work is counted at the chunk's own price. */
  termsFor(chunk: Chunk, node: NodeTerms): { microPerFrame: number; score: number }
}

/** Prices and standings from what the projection knows; see docs/pricing.md. */
export function createPricing({ database, clock }: { database: DatabaseSync; clock: Clock }): Pricing {
  const measures = createKept<OwnersMeasure[]>(clock, keptMs)
  const reliabilities = createKept<number>(clock, keptMs)
  const averages = createKept<{ micro: number; owners: number }>(clock, averageKeptMs)
  const average = () =>
    averages.get('', () => {
      const bids = bidsByOwner(database)
      return { micro: averageBid(bids), owners: bids.length }
    })
  return {
    averageMicroPerUnit: () => average().micro,
    owners: () => average().owners,
    reliabilityOf: (nodeId) => reliabilities.get(nodeId, () => reliabilityOf(outcomesSince(database, nodeId, reliableSince(clock.now())))),
    termsFor(chunk, { nodeOwnerId, bidMicroPerUnit, score }) {
      const { jobOwnerId, jobId, milliUnits } = chunk
      // A chunk of an older version does not say its units.
      if (jobOwnerId === nodeOwnerId || milliUnits === undefined) return { microPerFrame: chunk.microPerFrame, score }
      const known = measures.get(`${jobOwnerId}\n${jobId}`, () => measuresOf(database, jobOwnerId, jobId))
      const priced = pricedMilliUnits(milliUnits, known, nodeOwnerId, jobOwnerId)
      const bid = bidMicroPerUnit === null ? Math.min(average().micro, chunk.microPerUnit) : boundedBid(bidMicroPerUnit)
      return { microPerFrame: quotePerFrame(priced, bid), score }
    },
  }
}

/** The bounded scores of a node as its document stands. */
export const scoresOf = (node: NodeDocument | null) =>
  node === null ? { whole: unknownScore, slowest: unknownScore } : boundedScores(node)

function createKept<Value>(clock: Clock, forMs: number) {
  const kept = new Map<string, { value: Value; atMs: number }>()
  return {
    get(key: string, look: () => Value): Value {
      const found = kept.get(key)
      const nowMs = clock.monotonicMs()
      if (found && nowMs - found.atMs < forMs) return found.value
      if (kept.size >= entriesKept) kept.clear()
      const value = look()
      kept.set(key, { value, atMs: nowMs })
      return value
    },
  }
}
