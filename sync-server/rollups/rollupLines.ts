import type { Earning } from '#shared/collections/earning.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'

/** What one document adds to the totals of an hour. All whole numbers, so that adding and taking away again is exact. */
export interface RollupAmounts {
  networkGrossMicro: number
  networkFeeMicro: number
  networkNetMicro: number
  selfRenderGrossMicro: number
  selfRenderFeeMicro: number
  selfRenderNetMicro: number
  tasksCompleted: number
  tasksFailed: number
  tasksAtFault: number
  framesAccepted: number
  renderMs: number
  selfRenderFrames: number
  selfRenderTasks: number
}
export interface RollupLine {
  ownerId: string
  nodeId: string
  /** YYYY-MM-DD, UTC */
  day: string
  /** 0..23, UTC */
  hour: number
  amounts: RollupAmounts
}

export const rollupFields = [
  'networkGrossMicro',
  'networkFeeMicro',
  'networkNetMicro',
  'selfRenderGrossMicro',
  'selfRenderFeeMicro',
  'selfRenderNetMicro',
  'tasksCompleted',
  'tasksFailed',
  'tasksAtFault',
  'framesAccepted',
  'renderMs',
  'selfRenderFrames',
  'selfRenderTasks',
] as const satisfies readonly (keyof RollupAmounts)[]

export const noAmounts = (): RollupAmounts => ({
  networkGrossMicro: 0,
  networkFeeMicro: 0,
  networkNetMicro: 0,
  selfRenderGrossMicro: 0,
  selfRenderFeeMicro: 0,
  selfRenderNetMicro: 0,
  tasksCompleted: 0,
  tasksFailed: 0,
  tasksAtFault: 0,
  framesAccepted: 0,
  renderMs: 0,
  selfRenderFrames: 0,
  selfRenderTasks: 0,
})

export const dayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10)
const hourOf = (timeMs: number): number => new Date(timeMs).getUTCHours()

/** Money comes from ledger entries, at the time of the entry. */
export function linesOfEarning(earning: Earning): RollupLine[] {
  if (earning.state === 'reversed') return []
  const { ownerId, nodeId, createdAt, grossMicro, feeMicro, netMicro } = earning
  const kind = earning.kind === 'correction' ? earning['ledgerKind'] : earning.kind
  const amounts =
    kind === 'selfRender'
      ? { selfRenderGrossMicro: grossMicro, selfRenderFeeMicro: feeMicro, selfRenderNetMicro: netMicro }
      : { networkGrossMicro: grossMicro, networkFeeMicro: feeMicro, networkNetMicro: netMicro }
  return [{ ownerId, nodeId, day: dayOf(createdAt), hour: hourOf(createdAt), amounts: { ...noAmounts(), ...amounts } }]
}

/** Frames and render time count when each frame was accepted, outcomes when the task was closed. */
export function linesOfTask(task: Task): RollupLine[] {
  const { ownerId, nodeId } = task
  const lines = new Map<string, RollupLine>()
  const at = (timeMs: number): RollupAmounts => {
    const key = `${dayOf(timeMs)} ${hourOf(timeMs)}`
    const line = lines.get(key) ?? { ownerId, nodeId, day: dayOf(timeMs), hour: hourOf(timeMs), amounts: noAmounts() }
    lines.set(key, line)
    return line.amounts
  }
  const own = task.quote.kind === 'selfRender' ? 1 : 0
  for (const verdict of Object.values(task.verdicts)) {
    if (verdict.verdict !== 'accepted' || verdict.at === undefined) continue
    const amounts = at(verdict.at)
    amounts.framesAccepted += 1
    amounts.renderMs += Math.round(Number(verdict['renderMs'] ?? 0))
    amounts.selfRenderFrames += own
  }
  // Where another copy brought every frame first, nothing was completed here, and nothing failed.
  const brought = Object.values(task.verdicts).some(({ verdict }) => verdict === 'accepted')
  if (task.closedAt !== undefined && task.closedAs === 'completed' && brought) {
    const amounts = at(task.closedAt)
    amounts.tasksCompleted += 1
    amounts.selfRenderTasks += own
  }
  if (task.closedAt !== undefined && task.fault === 'node') at(task.closedAt).tasksAtFault += 1
  if (task.closedAt !== undefined && (task.closedAs === 'failed' || task.closedAs === 'expired')) at(task.closedAt).tasksFailed += 1
  return [...lines.values()]
}
