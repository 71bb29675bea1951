import type { Clock } from '#shared/log.ts'

/** What may go at once after a rest: enough that a small file does not wait, too little to be felt. */
const burstMs = 250

/** Spreads bytes over time, in the order in which they are asked for, whoever asks. */
export interface Pacer {
  /** Bytes a second; null: as fast as it goes. */
  setRate(bytesPerSecond: number | null): void
  /** Waits until so many bytes may go. Rejects with the signal's reason when it is aborted meanwhile. */
  take(bytes: number, signal: AbortSignal): Promise<void>
}

export function createPacer(clock: Clock): Pacer {
  let rate: number | null = null
  /** When everything that was granted so far is through. */
  let freeAtMs = 0
  return {
    setRate(bytesPerSecond) {
      if (bytesPerSecond === rate) return
      rate = bytesPerSecond
      freeAtMs = 0
    },
    take(bytes, signal) {
      if (rate === null) return signal.aborted ? Promise.reject(asError(signal)) : Promise.resolve()
      const nowMs = clock.monotonicMs()
      const startMs = Math.max(freeAtMs, nowMs - burstMs)
      freeAtMs = startMs + (bytes / rate) * 1_000
      return wait(startMs - nowMs, clock, signal)
    },
  }
}

function wait(delayMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(asError(signal))
    if (delayMs <= 0) return resolve()
    const abort = () => {
      cancel()
      reject(asError(signal))
    }
    const cancel = clock.after(delayMs, () => {
      signal.removeEventListener('abort', abort)
      resolve()
    })
    signal.addEventListener('abort', abort, { once: true })
  })
}

const asError = ({ reason }: AbortSignal): Error => (reason instanceof Error ? reason : new Error('aborted', { cause: reason }))
