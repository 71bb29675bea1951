/** Runs at most `atOnce` at a time, keeps at most `waiting` in line; beyond that it answers `full` and runs nothing. */
export function createLimit(atOnce: number, waiting: number) {
  let running = 0
  const line: Array<() => void> = []
  return async function limited<Value>(run: () => Promise<Value>): Promise<Value | 'full'> {
    if (running >= atOnce) {
      if (line.length >= waiting) return 'full'
      await new Promise<void>((resolve) => line.push(resolve))
    } else running += 1
    try {
      return await run()
    } finally {
      const next = line.shift()
      // The place is handed on, so nobody slips in between.
      if (next) next()
      else running -= 1
    }
  }
}
