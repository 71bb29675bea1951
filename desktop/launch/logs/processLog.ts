import type { Readable } from 'node:stream'
import { redact } from '#shared/redact.ts'
import { labelledLines } from '../labelledLines.ts'
import { readLines } from './readLines.ts'
import { openRotatingLog } from './rotatingLog.ts'

export interface ProcessLogOptions {
  /** What the process prints is kept in this file, and in a bounded number of older ones beside it. */
  file: string
  name: string
  pid: () => number | undefined
  /** Also told of each line, as it stands in the file. */
  onLine?: ((line: string) => void) | undefined
}

/**
 * Keeps what a process prints: bounded, and without what opens something. Nothing that is a secret should be printed at all; what a library or a
 * crash prints nobody knows before.
 * @returns ends it; call it when the streams have ended
 */
export function keepProcessLog({ file, name, pid, onLine }: ProcessLogOptions, streams: readonly (Readable | null)[]): () => void {
  const log = openRotatingLog(file)
  for (const stream of streams)
    if (stream !== null)
      // A label each: halves of lines must not meet.
      readLines(stream.pipe(labelledLines(name, pid)), (line) => {
        const clean = redact(line)
        log.write(clean)
        onLine?.(clean)
      })
  return () => log.close()
}
