import { runtimeAsks } from '#shared/api/runtimeAsks.ts'
import type { JsonObject, JsonValue } from '#shared/json.ts'
import type { Clock } from '#shared/log.ts'
import type { Result } from '#shared/result.ts'

export interface ExitWhenIdleOptions {
  /** End when all work is done and delivered and the server has no more of it. */
  whenDone: boolean
  /** End after so long with nothing to do, whatever the server says; null: never. */
  afterIdleMs: number | null
  askNode: (name: string, input: JsonObject) => Promise<Result<JsonValue>>
  clock: Clock
  onIdle: (why: 'done' | 'idle') => void
}

const lookEveryMs = 2_000

/** Watches whether the node has anything to do. Returns its own end. */
export function exitWhenIdle({ whenDone, afterIdleMs, askNode, clock, onIdle }: ExitWhenIdleOptions): () => void {
  if (!whenDone && afterIdleMs === null) return () => undefined
  let stopped = false
  let cancel = () => undefined as void
  let idleSinceMs = clock.monotonicMs()
  const look = async (): Promise<void> => {
    const answer = await askNode('node.busy', {})
    const busy = answer.ok ? runtimeAsks['node.busy'].output.safeParse(answer.value).data : undefined
    if (stopped) return
    // A node that does not answer is being started anew: it may well have work.
    if (busy === undefined || busy.held > 0 || busy.waiting > 0) idleSinceMs = clock.monotonicMs()
    else if (whenDone && busy.serverEmpty) return onIdle('done')
    if (afterIdleMs !== null && clock.monotonicMs() - idleSinceMs >= afterIdleMs) return onIdle('idle')
    cancel = clock.after(lookEveryMs, () => void look())
  }
  void look()
  return () => {
    stopped = true
    cancel()
  }
}
