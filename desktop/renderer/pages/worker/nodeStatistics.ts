import type { Rollup } from '#shared/collections/rollup.schema.ts'

export interface NodeSums {
  /** What the network paid, net; what own jobs would have cost stands apart. */
  netMicro: bigint
  selfMicro: bigint
  completed: number
  failed: number
  frames: number
  renderMs: number
}

/** Sums day totals of one worker. */
export function sumDays(rollups: readonly Rollup[]): NodeSums {
  const sums: NodeSums = { netMicro: 0n, selfMicro: 0n, completed: 0, failed: 0, frames: 0, renderMs: 0 }
  for (const day of rollups) {
    sums.netMicro += BigInt(day.networkNetMicro)
    sums.selfMicro += BigInt(day.selfRenderNetMicro)
    sums.completed += day.tasksCompleted
    sums.failed += day.tasksFailed
    sums.frames += day.framesAccepted
    sums.renderMs += day.renderMs
  }
  return sums
}
