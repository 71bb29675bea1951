import { durations } from '#shared/durations.ts'
import { nodeLookSchema, type NodeLook } from '#shared/api/runtimeAsks.ts'
import type { Clock } from '#shared/log.ts'
import type { Household } from '../launch/household.ts'

export interface NodeWatch {
  look(): NodeLook | null
  isDown(): boolean
  /** The node's process ended, or came back. */
  setDown(down: boolean): void
  /** Looks at once. */
  refresh: () => Promise<void>
  stop(): void
}

/** Looks at the node every few seconds, for the tray and for keeping the computer awake. */
export function watchNode(house: Pick<Household, 'askNode'>, clock: Clock, onChange: () => void): NodeWatch {
  let look: NodeLook | null = null
  let down = false
  let stopped = false
  let cancel: (() => void) | null = null

  async function refresh(): Promise<void> {
    const answer = await house.askNode('node.look', {}, durations.connectTimeoutMs)
    if (stopped) return
    look = answer.ok ? (nodeLookSchema.safeParse(answer.value).data ?? null) : null
    onChange()
  }
  function wait(): void {
    cancel = clock.after(durations.telemetryIdleMs / 3, () => void refresh().finally(() => (stopped ? undefined : wait())))
  }
  void refresh().finally(wait)
  return {
    look: () => look,
    isDown: () => down,
    setDown(next) {
      down = next
      if (next) look = null
      onChange()
      if (!next) void refresh()
    },
    refresh,
    stop() {
      stopped = true
      cancel?.()
    },
  }
}
