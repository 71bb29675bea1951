import { createLineSplitter } from '../output/lineSplitter.ts'
import type { ProcessTree } from './processTree.ts'

/** What a process says, line by line, until both streams have ended. */
export function readLines(tree: ProcessTree, onLine: (line: string, stream: 'stdout' | 'stderr') => void): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    const lines = createLineSplitter()
    tree[stream].on('data', (chunk: Buffer) => lines.push(chunk).forEach((line) => onLine(line, stream)))
    tree[stream].on('end', () => lines.end().forEach((line) => onLine(line, stream)))
  }
}

/** Ends a process that says nothing for too long. Time in which we paused it does not count. */
export function watchSilence(tree: ProcessTree, limitMs: number, gate: { pausedMs: () => number }) {
  let heardAt = performance.now() - gate.pausedMs()
  let ran = false
  const timer = setInterval(
    () => {
      if (performance.now() - gate.pausedMs() - heardAt < limitMs || ran) return
      ran = true
      void tree.stop()
    },
    Math.min(limitMs / 4, 5_000),
  )
  return { limitMs, heard: () => (heardAt = performance.now() - gate.pausedMs()), ran: () => ran, end: () => clearInterval(timer) }
}
