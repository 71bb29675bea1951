import type { Clock } from '#shared/log.ts'

/** Waits for it, but not for ever: a store that is away must not keep a process from ending. */
export async function waitAtMost(clock: Clock, timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let cancel: () => void = () => undefined
  const timeout = new Promise<void>((resolve) => {
    cancel = clock.after(timeoutMs, resolve)
  })
  await Promise.race([work, timeout])
  cancel()
}
