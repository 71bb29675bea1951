import { runtimeAsks } from '#shared/api/runtimeAsks.ts'
import type { JsonObject, JsonValue } from '#shared/json.ts'
import type { Clock, Logger } from '#shared/log.ts'
import type { Result } from '#shared/result.ts'

export interface NodeDrainOptions {
  askNode: (name: string, input: JsonObject) => Promise<Result<JsonValue>>
  /** The drain is for nothing: it ends without a word to the node. */
  isOver: () => boolean
  clock: Clock
  log: Logger
}

/** What an update has to do with the work of the node, in a window's app and without one alike. */
export interface NodeDrain {
  /**
   * Lets the frame in progress end and begins no other; resolves when nothing is rendered any more. At the deadline the frame is cut, and the node remembers
   * why: after its next start it shows Terminated with FORCED_UPDATE, and goes on at that frame. Never rejects.
   */
  drain(deadlineAt: number): Promise<void>
  /** Work goes on. */
  undrain(): void
}

const lookEveryMs = 1_000

export function createNodeDrain({ askNode, isOver, clock, log }: NodeDrainOptions): NodeDrain {
  return {
    async drain(deadlineAt) {
      // Measured, not read off: a clock that is set meanwhile neither cuts the frame nor lets it hold up the update.
      const untilMs = clock.monotonicMs() + deadlineAt - clock.now()
      for (;;) {
        // Said again each time: a node that was started anew meanwhile does not know.
        const answer = await askNode('node.drain', { untilMs: deadlineAt })
        const drained = answer.ok ? runtimeAsks['node.drain'].output.safeParse(answer.value).data : undefined
        if (isOver() || drained?.rendering === 0) return
        if (clock.monotonicMs() >= untilMs) {
          log.warn('an update waited long enough and cuts the frame in progress')
          await askNode('node.cut', { code: 'FORCED_UPDATE' })
          return
        }
        await new Promise<void>((resolve) => void clock.after(lookEveryMs, resolve))
      }
    },
    undrain: () => void askNode('node.drain', { untilMs: null }),
  }
}
