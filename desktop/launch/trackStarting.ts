import type { ProcessName } from './launcher.ts'

/** Which processes are being started just now, in the order of their beginning. */
export function trackStarting(tell: (parts: readonly ProcessName[]) => void = () => undefined) {
  const parts = new Set<ProcessName>()
  return {
    begin: (part: ProcessName): void => {
      parts.add(part)
      tell([...parts])
    },
    end: (part: ProcessName): void => {
      // Told once: a part that is started again later is not what the app waits for.
      if (parts.delete(part)) tell([...parts])
    },
  }
}
