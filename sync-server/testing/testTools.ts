import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock, Logger } from '#shared/log.ts'

/** The real time, for tests that run real processes. */
export const realClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}

/** Swallows everything below `warn`; what is worse goes to the test's output. */
export const quietLog: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (message, facts) => process.stderr.write(`warn: ${message} ${JSON.stringify(facts ?? {})}\n`),
  error: (message, facts) => process.stderr.write(`error: ${message} ${JSON.stringify(facts ?? {})}\n`),
  child: () => quietLog,
}

export interface TemporaryFolder {
  path: string
  remove(): void
}
export function temporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), 'pictor-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) }
}
