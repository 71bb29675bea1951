import type { Clock } from '#shared/log.ts'
import type { NodeHere } from '../launch/homeNode.ts'
import type { NodeWatch } from './nodeWatch.ts'
import type { ShellMemory } from './settings/settings.store.ts'

const lookEveryMs = 1_000

export interface FinishWork {
  /** Lets the frame in progress end and takes no other; resolves when nothing is rendered any more, or at the deadline. Never rejects. */
  finish(deadlineAt: number): Promise<void>
  /** Work goes on. */
  goOn(): void
}

/** The pause that ends with the app: the node is told to stop behind its frame, and to go on at the next start. */
export function createFinishWork(house: Pick<NodeHere, 'askNode'>, watch: NodeWatch, memory: ShellMemory, clock: Clock): FinishWork {
  const goOn = () => {
    if (!memory.pausedToEnd()) return
    memory.setPausedToEnd(false)
    void house.askNode('computer.resume', {})
  }
  return {
    goOn,
    async finish(deadlineAt) {
      await watch.refresh()
      if ((watch.look()?.activeTasks ?? 0) === 0) return
      // A pause by the person stays what it is.
      if (watch.look()?.code !== 'PAUSED_HERE') {
        memory.setPausedToEnd(true)
        await house.askNode('computer.pause', { kind: 'afterFrame' })
      }
      const untilMs = clock.monotonicMs() + deadlineAt - clock.now()
      while (clock.monotonicMs() < untilMs && (watch.look()?.activeTasks ?? 0) > 0) {
        await new Promise<void>((resolve) => void clock.after(lookEveryMs, resolve))
        await watch.refresh()
      }
    },
  }
}
