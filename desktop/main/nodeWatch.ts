import { durations } from '#shared/durations.ts'
import { nodeLookSchema, type NodeLook } from '#shared/api/runtimeAsks.ts'
import type { NodeProcess } from '#shared/api/shellCalls.ts'
import type { Clock } from '#shared/log.ts'
import type { NodeHere } from '../launch/homeNode.ts'

export interface NodeWatch {
  look(): NodeLook | null
  process(): NodeProcess
  /** The node's process ended, came back, or is given up for now. */
  setProcess(state: NodeProcess): void
  /** Looks at once. */
  refresh: () => Promise<void>
  stop(): void
}

/** Looks at the node every few seconds, for the tray and for keeping the computer awake. */
export function watchNode(house: Pick<NodeHere, 'askNode'>, clock: Clock, onChange: () => void): NodeWatch {
  let look: NodeLook | null = null
  let state: NodeProcess = 'starting'
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
    process: () => state,
    setProcess(next) {
      state = next
      if (next !== 'up') look = null
      onChange()
      if (next === 'up') void refresh()
    },
    refresh,
    stop() {
      stopped = true
      cancel?.()
    },
  }
}
