import { dayMs, hourMs, minuteMs, type SeedPlan } from './seedTypes.ts'

/** When the attempts of the past happened, and on which of the nodes. */
export interface SeedTimes {
  /** Nodes take turns, so that none works on two tasks at once. */
  nodeOf(attempt: number): number
  issuedAt(attempt: number): number
  /** The longest an attempt may take without reaching into the next one of its node. */
  readonly longestMs: number
}

/** Days are busier in their middle: by this much the time between two tasks varies. */
const wave = 0.5

export function seedTimes(plan: SeedPlan, attempts: number, nodes: number): SeedTimes {
  const spacingMs = (plan.days * dayMs) / Math.max(1, attempts / Math.max(1, nodes))
  const longestMs = Math.max(5_000, Math.min(2 * hourMs, spacingMs * (1 - wave) * 0.85))
  const beginMs = plan.nowMs - plan.days * dayMs
  const endMs = plan.nowMs - longestMs - 15 * minuteMs
  return {
    longestMs,
    nodeOf: (attempt) => attempt % nodes,
    issuedAt(attempt) {
      const share = attempt / attempts
      const turns = 2 * Math.PI * plan.days
      return Math.round(beginMs + (share + (wave * Math.sin(turns * share)) / turns) * (endMs - beginMs))
    },
  }
}
