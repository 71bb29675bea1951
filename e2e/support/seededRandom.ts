/** Random numbers (0 ≤ n < 1) that come again with the same seed: mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** `PICTOR_TEST_SEED`, or one by chance: whoever draws from it prints it. */
export const chooseSeed = (): number => Number(process.env['PICTOR_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
