/**
 * What a worker asks for a work unit (a megapixel with one sample in Cycles), in micro-PICTOR. Without a bid of its own it asks the network's
 * average.
 */
export const baseMicroPerUnit = 50
export const bidBounds = { least: 1, most: 1_000 } as const
/** What a job pays for a unit at most: workers that ask more are not given it. */
export const jobLimitMicroPerUnit = 2 * baseMicroPerUnit

export const isBid = (micro: number): boolean => Number.isInteger(micro) && micro >= bidBounds.least && micro <= bidBounds.most

/** A bid as it counts: what an older version or a foreign hand wrote beyond the bounds is brought within them. */
export const boundedBid = (micro: number): number => Math.min(bidBounds.most, Math.max(bidBounds.least, Math.round(micro)))

/** The bids of one owner's workers that are at work; null for each without a bid of its own. */
export type OwnersBids = readonly (number | null)[]

/**
 * The network's average bid: the middle one of the owners' middle bids. Each owner has one voice, however many workers; one without bids of its
 * own speaks for the base. It stays between half the base and what jobs pay at most, so nobody moves it far, or alone.
 */
export function averageBid(owners: readonly OwnersBids[]): number {
  const voices = owners.filter((bids) => bids.length > 0).map((bids) => middle(bids.map((bid) => boundedBid(bid ?? baseMicroPerUnit))))
  if (voices.length === 0) return baseMicroPerUnit
  return Math.min(jobLimitMicroPerUnit, Math.max(baseMicroPerUnit / 2, middle(voices)))
}

/** The lower one of two middles: a price is not raised by a tie. */
const middle = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? baseMicroPerUnit
