const impatientAfterMs = 1_000

/**
 * Waits for Ctrl-C, SIGTERM or a closed terminal. Signals within a second of the first count as one (a terminal and a wrapper
 * may both pass it on); a later one calls `onImpatient`.
 */
export function waitForStop(onImpatient: () => void): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let firstAt: number | null = null
    const onSignal = (signal: NodeJS.Signals) => {
      if (firstAt === null) {
        firstAt = performance.now()
        resolve(signal)
      } else if (performance.now() - firstAt > impatientAfterMs) onImpatient()
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  })
}
