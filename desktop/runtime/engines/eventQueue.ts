import type { EngineEvent } from './engine.ts'

const logLimit = 2_000

/**
 * Between a process that talks as fast as it likes and a reader that may be slow: progress that nobody read yet is replaced
 * by newer, log lines beyond the bound are dropped (the oldest first), everything else waits.
 */
export function createEventQueue(onAbandoned: () => void): {
  push: (event: EngineEvent) => void
  close: () => void
  iterate: () => AsyncIterator<EngineEvent>
} {
  let events: EngineEvent[] = []
  let logLines = 0
  let closed = false
  let wake: () => void = () => undefined

  const push = (event: EngineEvent): void => {
    if (closed) return
    const last = events.at(-1)
    if (event.type === 'progress' && last?.type === 'progress' && last.frame === event.frame) events.pop()
    if (event.type === 'log' && ++logLines > logLimit) dropOldLines()
    events.push(event)
    wake()
  }
  const dropOldLines = (): void => {
    let toDrop = logLimit / 2
    events = events.filter((event) => event.type !== 'log' || toDrop-- <= 0)
    logLines = events.filter((event) => event.type === 'log').length + 1
  }
  const next = async (): Promise<IteratorResult<EngineEvent>> => {
    for (;;) {
      const event = events.shift()
      if (event) {
        if (event.type === 'log') logLines -= 1
        return { done: false, value: event }
      }
      if (closed) return { done: true, value: undefined }
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  return {
    push,
    close: () => {
      closed = true
      wake()
    },
    iterate: () => ({
      next,
      return: async () => {
        onAbandoned()
        return { done: true, value: undefined }
      },
    }),
  }
}
