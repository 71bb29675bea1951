import { appError, type AppError } from '#shared/errors/appError.ts'
import type { Clock } from '#shared/log.ts'
import { cardMemoryOf } from './cardMemory.ts'
import { treeMemory } from './treeMemory.ts'

export interface MemoryLimits {
  /** Of the computer, by all renders together. */
  ramMiB?: number
  /** Of the card that a render runs on. */
  vramMiB?: number
}

export interface WatchedTree {
  pid: number
  limits: MemoryLimits
  /** It renders on a card. */
  onCard: boolean
  /** What the renderer counts itself on the card; where the driver tells more, that counts. */
  ownCountMiB: () => number
  /** It is over a limit and should end. Called once. */
  onOver: (error: AppError) => void
}

/** Blender takes gigabytes in a second when a scene is loaded; looking more often would cost more than it saves. */
const lookEveryMs = 1_000
/** NVIDIA's tool is a process of its own. */
const cardEveryMs = 5_000

/** Watches what renders keep in memory; where all of them together are over the limit, the largest ends. Without limits nothing is read. */
export interface MemoryGuard {
  /** Returns its own end. */
  watch(tree: WatchedTree): () => void
}

export interface MemoryGuardParts {
  clock: Pick<Clock, 'after' | 'monotonicMs'>
  /** For tests. */
  readTree?: typeof treeMemory
  readCard?: typeof cardMemoryOf
}

export function createMemoryGuard({ clock, readTree = treeMemory, readCard = cardMemoryOf }: MemoryGuardParts): MemoryGuard {
  const watched = new Set<WatchedTree>()
  let cancel: (() => void) | null = null
  let cardAtMs = -Infinity

  const over = (tree: WatchedTree, error: AppError) => {
    if (watched.delete(tree)) tree.onOver(error)
  }
  const look = async () => {
    const trees = [...watched]
    const found = await Promise.all(trees.map(async (tree) => ({ tree, memory: await readTree(tree.pid) })))
    const known = found.flatMap(({ tree, memory }) => (memory === null || !watched.has(tree) ? [] : [{ tree, ...memory }]))
    const total = known.reduce((sum, { residentMiB }) => sum + residentMiB, 0)
    const limitMiB = Math.min(...known.map(({ tree }) => tree.limits.ramMiB ?? Infinity))
    const [largest] = known.sort((a, b) => b.residentMiB - a.residentMiB)
    if (largest !== undefined && total > limitMiB) over(largest.tree, appError('RAM_LIMIT', { used: inGib(total), limit: inGib(limitMiB) }))
    const dueForCards = clock.monotonicMs() - cardAtMs >= cardEveryMs
    if (dueForCards) cardAtMs = clock.monotonicMs()
    for (const { tree, pids } of known) {
      const { vramMiB } = tree.limits
      if (vramMiB === undefined || !tree.onCard || !watched.has(tree)) continue
      const used = Math.max(tree.ownCountMiB(), dueForCards ? ((await readCard(pids)) ?? 0) : 0)
      if (used > vramMiB) over(tree, appError('VRAM_LIMIT', { used: inGib(used), limit: inGib(vramMiB) }))
    }
  }
  const schedule = () => {
    if (watched.size === 0 || cancel !== null) return
    cancel = clock.after(lookEveryMs, () => {
      void look().finally(() => {
        cancel = null
        schedule()
      })
    })
  }
  return {
    watch(tree) {
      if (tree.limits.ramMiB === undefined && tree.limits.vramMiB === undefined) return () => undefined
      watched.add(tree)
      schedule()
      return () => {
        watched.delete(tree)
        if (watched.size > 0) return
        cancel?.()
        cancel = null
      }
    },
  }
}

const inGib = (mib: number): string => `${(mib / 1024).toFixed(1)} GiB`
