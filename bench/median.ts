/** The middle value; of two middle ones their mean. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/**
 * Ours beside the peer's where both were measured in turns: the middle of each, and the middle of the ratios of neighbours. A busy moment of the
 * machine meets both sides of a pair, so this ratio stands where the values themselves do not.
 */
export function compareInTurns(ours: readonly number[], peers: readonly number[]): { ours: number; peer: number; ratio: number } {
  if (ours.length !== peers.length || ours.length === 0) throw new Error('ours and the peer were not measured in turns')
  return { ours: median(ours), peer: median(peers), ratio: median(ours.map((value, turn) => value / (peers[turn] ?? Number.NaN))) }
}
