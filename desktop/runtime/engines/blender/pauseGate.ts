import type { ProcessTree } from '../process/processTree.ts'

/** Holds the wish to pause also while no process is there (between two tries), and counts the time spent paused. */
export interface PauseGate {
  pause: () => void
  resume: () => void
  /** The wish applies to this process from now on. Returns the undo. */
  attach(tree: Pick<ProcessTree, 'pause' | 'resume'>): () => void
  /** All paused time so far, milliseconds, monotonic. */
  pausedMs: () => number
}

export function createPauseGate(nowMs: () => number = () => performance.now()): PauseGate {
  let tree: Pick<ProcessTree, 'pause' | 'resume'> | undefined
  let pausedAt: number | undefined
  let total = 0
  return {
    pause() {
      if (pausedAt !== undefined) return
      pausedAt = nowMs()
      tree?.pause()
    },
    resume() {
      if (pausedAt === undefined) return
      total += nowMs() - pausedAt
      pausedAt = undefined
      tree?.resume()
    },
    attach(next) {
      tree = next
      if (pausedAt !== undefined) next.pause()
      return () => (tree = undefined)
    },
    pausedMs: () => total + (pausedAt === undefined ? 0 : nowMs() - pausedAt),
  }
}
