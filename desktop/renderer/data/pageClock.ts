import type { Clock, Logger } from '#shared/log.ts'

/** The page's time, for the sync client. */
export const pageClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}

/** A page has nobody who reads its log: it keeps the newest lines for a problem report and writes nothing out. */
export interface PageLog extends Logger {
  lines(): string[]
}

const keptLines = 200

export function createPageLog(part = 'page', kept: string[] = []): PageLog {
  const add = (level: string, message: string, facts?: object): void => {
    kept.push(`${new Date().toISOString()} ${level} ${part} ${message}${facts ? ` ${JSON.stringify(facts)}` : ''}`)
    if (kept.length > keptLines) kept.splice(0, kept.length - keptLines)
  }
  return {
    debug: () => undefined,
    info: (message, facts) => add('info', message, facts),
    warn: (message, facts) => add('warn', message, facts),
    error: (message, facts) => add('error', message, facts),
    child: (name) => createPageLog(`${part}/${name}`, kept),
    lines: () => [...kept],
  }
}
