/**
 * Exponential back-off with jitter: the n-th wait lies between half and all of min(max, min · 2^n), so that a thousand clients of a
 * restarted peer do not come back in one instant.
 */
export function createBackoff({ minMs, maxMs, random }: { minMs: number; maxMs: number; random: () => number }) {
  let attempt = 0
  return {
    nextMs(): number {
      const ceilingMs = Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30))
      attempt += 1
      return Math.round(ceilingMs * (0.5 + random() / 2))
    },
    reset(): void {
      attempt = 0
    },
  }
}
