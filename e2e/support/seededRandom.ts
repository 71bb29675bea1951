import { createRandom } from '#shared/seededRandom.ts'

/** Random numbers (0 ≤ n < 1) that come again with the same seed. */
export function seededRandom(seed: number): () => number {
  const random = createRandom(seed)
  return () => random.next()
}

/** `PICTOR_TEST_SEED`, or one by chance: whoever draws from it prints it. */
export const chooseSeed = (): number => Number(process.env['PICTOR_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
