import type { Rollup } from '#shared/collections/rollup.schema.ts'

/** A day of an owner on which nothing happened but what is said. For tests. */
export const rollupOfDay = (day: string, extra: Partial<Rollup> = {}): Rollup => ({
  id: `owner:${day}`,
  ownerId: 'owner',
  updatedAt: 0,
  nodeId: null,
  day,
  networkGrossMicro: 0,
  networkFeeMicro: 0,
  networkNetMicro: 0,
  selfRenderGrossMicro: 0,
  selfRenderFeeMicro: 0,
  selfRenderNetMicro: 0,
  tasksCompleted: 0,
  tasksFailed: 0,
  framesAccepted: 0,
  renderMs: 0,
  framesByHour: Array.from({ length: 24 }, () => 0),
  netMicroByHour: Array.from({ length: 24 }, () => 0),
  ...extra,
})
