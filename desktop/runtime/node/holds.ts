import type { z } from 'zod'
import type { holdSchema } from '#shared/collections/node.schema.ts'
import type { Clock } from '#shared/log.ts'

export type Hold = z.infer<typeof holdSchema>

export interface HoldOptions {
  /** Nothing is begun and what runs is suspended. */
  blocks: boolean
  /** Nothing is begun, and what runs finishes its frame first; the hold shows when that is done. */
  afterFrame?: boolean
  /** It clears by itself then, … */
  untilMs?: number
  /** … or is expected to be cleared then. Both are server time. */
  expectedMs?: number
  details?: Record<string, string | number>
}

/** Why this node takes no work, each with a stable code. A hold with an end clears by itself. */
export interface Holds {
  /** Setting a hold that is there keeps its `since`. */
  set(code: string, options: HoldOptions): void
  clear(code: string): void
  has(code: string): boolean
  blocking(): boolean
  /** One of them waits for the frame in progress. */
  afterFrame(): boolean
  /** `rendering`: without those that wait for the frame in progress. */
  list(rendering?: boolean): Hold[]
  onChange(listener: () => void): () => void
  /** The server's time was set anew: ends are looked at again. */
  timeMoved(): void
  stop(): void
}

interface Kept {
  hold: Hold
  options: HoldOptions
  cancel: () => void
}

export function createHolds({ clock, serverNow }: { clock: Clock; serverNow: () => number }): Holds {
  const holds = new Map<string, Kept>()
  const listeners = new Set<() => void>()
  const tell = () => [...listeners].forEach((listener) => listener())
  const clear = (code: string) => {
    const found = holds.get(code)
    if (found === undefined) return
    found.cancel()
    holds.delete(code)
    tell()
  }
  const waitForEnd = (code: string) => {
    const found = holds.get(code)
    const untilMs = found?.options.untilMs
    if (found === undefined || untilMs === undefined) return
    found.cancel()
    found.cancel = clock.after(Math.max(0, untilMs - serverNow()), () => (serverNow() < untilMs ? waitForEnd(code) : clear(code)))
  }
  return {
    set(code, options) {
      const before = holds.get(code)
      if (before !== undefined && JSON.stringify(before.options) === JSON.stringify(options)) return
      before?.cancel()
      const { untilMs, expectedMs = untilMs, details } = options
      const hold: Hold = { code, since: before?.hold.since ?? serverNow() }
      if (expectedMs !== undefined) hold.until = expectedMs
      if (details !== undefined && Object.keys(details).length > 0) hold.details = details
      holds.set(code, { hold, options, cancel: () => undefined })
      waitForEnd(code)
      tell()
    },
    clear,
    has: (code) => holds.has(code),
    blocking: () => [...holds.values()].some(({ options }) => options.blocks),
    afterFrame: () => [...holds.values()].some(({ options }) => options.afterFrame === true),
    list: (rendering = false) =>
      [...holds.values()].filter(({ options }) => !rendering || options.afterFrame !== true).map(({ hold }) => hold),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    timeMoved: () => [...holds.keys()].forEach(waitForEnd),
    stop: () => holds.forEach(({ cancel }) => cancel()),
  }
}
