import type { z } from 'zod'
import type { holdSchema } from '#shared/collections/node.schema.ts'
import type { Clock } from '#shared/log.ts'

export type Hold = z.infer<typeof holdSchema>

/** Why this node takes no work, each with a stable code. A hold with an end clears by itself. */
export interface Holds {
  /** `blocks`: nothing is begun and what runs is suspended. Setting a hold that is there keeps its `since`. */
  set(code: string, options: { blocks: boolean; untilMs?: number }): void
  clear(code: string): void
  has(code: string): boolean
  blocking(): boolean
  list(): Hold[]
  onChange(listener: () => void): () => void
  stop(): void
}

export function createHolds({ clock, serverNow }: { clock: Clock; serverNow: () => number }): Holds {
  const holds = new Map<string, { hold: Hold; blocks: boolean; cancel: () => void }>()
  const listeners = new Set<() => void>()
  const tell = () => [...listeners].forEach((listener) => listener())
  const clear = (code: string) => {
    const found = holds.get(code)
    if (found === undefined) return
    found.cancel()
    holds.delete(code)
    tell()
  }
  return {
    set(code, { blocks, untilMs }) {
      const before = holds.get(code)
      if (before !== undefined && before.hold.until === untilMs && before.blocks === blocks) return
      before?.cancel()
      const since = before?.hold.since ?? serverNow()
      const cancel = untilMs === undefined ? () => undefined : clock.after(Math.max(0, untilMs - serverNow()), () => clear(code))
      holds.set(code, { hold: untilMs === undefined ? { code, since } : { code, since, until: untilMs }, blocks, cancel })
      tell()
    },
    clear,
    has: (code) => holds.has(code),
    blocking: () => [...holds.values()].some(({ blocks }) => blocks),
    list: () => [...holds.values()].map(({ hold }) => hold),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop: () => holds.forEach(({ cancel }) => cancel()),
  }
}
